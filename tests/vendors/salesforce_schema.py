"""What the fake Salesforce has: objects and their fields, by the names of the Object Reference."""

from __future__ import annotations

WHEN = "2020-01-02T10:00:00.000+0000"
MARK, NUMBER = "DSR_Restricted__c", "Customer_Number__c"
USER = "005000000000001AAA"
VERSION = "/services/data/v62.0"
OWNED = "Id OwnerId CreatedById LastModifiedById CreatedDate LastModifiedDate IsDeleted "
OUT = "HasOptedOutOfEmail DoNotCall HasOptedOutOfFax "
PERSON = (
    f"{OWNED}{OUT}FirstName LastName Name Salutation Title Description LeadSource IndividualId Email Phone "
)
SCHEMA: dict[str, str] = {
    "Contact": f"{PERSON}MobilePhone HomePhone OtherPhone Department AccountId Birthdate MailingStreet MailingCity "
    f"MailingState MailingPostalCode MailingCountry Shoe_Size__c {MARK} {NUMBER}",
    "Lead": f"{PERSON}MobilePhone Company Street City State PostalCode Country Status IsConverted {MARK} {NUMBER}",
    "Individual": f"{OWNED}FirstName LastName Name BirthDate HasOptedOutProcessing HasOptedOutProfiling "
    "HasOptedOutSolicit HasOptedOutTracking HasOptedOutGeoTracking SendIndividualData ShouldForget "
    "CanStorePiiElsewhere",
    "Account": f"{OWNED}Name Description IsPersonAccount FirstName LastName PersonEmail Phone PersonMobilePhone "
    "PersonHomePhone PersonOtherPhone PersonTitle PersonBirthdate PersonMailingStreet PersonMailingCity "
    "PersonMailingState PersonMailingPostalCode PersonMailingCountry PersonHasOptedOutOfEmail PersonDoNotCall "
    f"{MARK}",
    "Case": f"{OWNED}CaseNumber Subject Description Status Origin ContactId ContactEmail ContactPhone SuppliedName "
    f"SuppliedEmail SuppliedPhone ClosedDate {MARK}",
    "CaseComment": f"{OWNED.replace('OwnerId ', '')}ParentId CommentBody IsPublished",
    "EmailMessage": f"{OWNED.replace('OwnerId ', '')}ParentId Subject TextBody HtmlBody FromAddress FromName "
    "ToAddress CcAddress MessageDate IsOpened",
    "EmailMessageRelation": "Id EmailMessageId RelationId RelationObjectType IsDeleted",
    "Task": f"{OWNED}WhoId WhoCount Subject Description ActivityDate Status IsArchived",
    "Event": f"{OWNED}WhoId WhoCount Subject Description Location StartDateTime IsArchived",
    "TaskRelation": "Id TaskId RelationId IsDeleted",
    "EventRelation": "Id EventId RelationId IsDeleted",
    "ContentDocument": f"{OWNED}Title Description FileType FileExtension ContentSize LatestPublishedVersionId",
    "ContentDocumentLink": "Id ContentDocumentId LinkedEntityId ShareType IsDeleted",
    "Note": f"{OWNED}ParentId Title Body IsPrivate",
    "Attachment": f"{OWNED}ParentId Name Description ContentType BodyLength Body IsPrivate",
    "CampaignMember": f"{OWNED.replace('OwnerId ', '')}CampaignId ContactId LeadId Status HasResponded",
    "Opportunity": f"{OWNED}Name Amount StageName CloseDate Description",
    "OpportunityContactRole": "Id OpportunityId ContactId IsDeleted",
    "Organization": "Id IsSandbox OrganizationType",
    "UserPermissionAccess": "Id PermissionsViewAllData PermissionsModifyAllData",
}
PREFIX = {name: f"{number:03}" for number, name in enumerate(SCHEMA, 500)}
BY_ITSELF = ("CreatedById", "LastModifiedById", "CreatedDate", "LastModifiedDate")
READ_ONLY = frozenset({"Id", "IsDeleted", "IsConverted", *BY_ITSELF})


def read_only(object: str) -> frozenset[str]:
    """What nobody writes; the name of a person is made of its parts."""
    return READ_ONLY if object == "Opportunity" else READ_ONLY | {"Name"}


BELOW: dict[str, tuple[str, ...]] = {
    "CaseComment": ("ParentId",), "EmailMessage": ("ParentId",), "EmailMessageRelation": ("EmailMessageId",),
    "Note": ("ParentId",), "Attachment": ("ParentId",), "TaskRelation": ("TaskId",), "EventRelation": ("EventId",),
    "ContentDocumentLink": ("ContentDocumentId", "LinkedEntityId"),
}  # fmt: skip
"""What goes with the row that one of its fields names. A file itself outlives what it was shown at."""
MANY_KINDS = {"LinkedEntity": "LinkedEntityId", "Relation": "RelationId"}
"""Relations that lead to rows of several kinds, and the field that holds the id."""
SEARCHABLE = frozenset({"Contact", "Lead", "Case", "Task", "Event", "Note", "Opportunity", "Account"})
"""What SOSL looks in."""
