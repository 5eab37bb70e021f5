"""What attributes of people are, in the words of Fideslang's tree, and which may be corrected.

Meanings after RFC 4519, RFC 4524 and RFC 2798; attributes that are not here are shown and never corrected.
"""

from __future__ import annotations

from dsr.contract import FieldInfo

NAME, CONTACT = "user.name", "user.contact"
GIVEN = (
    ("displayName", NAME), ("cn", NAME), ("givenName", f"{NAME}.first"), ("sn", f"{NAME}.last"),
    ("initials", NAME), ("personalTitle", f"{NAME}.title"), ("mail", f"{CONTACT}.email"),
    ("telephoneNumber", f"{CONTACT}.phone_number"), ("mobile", f"{CONTACT}.phone_number"),
    ("homePhone", f"{CONTACT}.phone_number"), ("facsimileTelephoneNumber", f"{CONTACT}.fax_number"),
    ("postalAddress", f"{CONTACT}.address"), ("homePostalAddress", f"{CONTACT}.address"),
    ("street", f"{CONTACT}.address.street"), ("l", f"{CONTACT}.address.city"),
    ("postalCode", f"{CONTACT}.address.postal_code"), ("st", f"{CONTACT}.address.state"),
    ("c", f"{CONTACT}.address.country"), ("preferredLanguage", "user.demographic.language"),
    ("labeledURI", f"{CONTACT}.url"),
)  # fmt: skip
WORK = (
    "title", "employeeNumber", "employeeType", "departmentNumber", "department", "company", "ou", "o",
    "businessCategory", "physicalDeliveryOfficeName", "roomNumber",
)  # fmt: skip
PICTURES = ("jpegPhoto", "thumbnailPhoto", "photo")
CREDENTIALS = frozenset({
    "userpassword", "unicodepwd", "ntpwdhistory", "lmpwdhistory", "dbcspwd", "supplementalcredentials",
    "sambantpassword", "sambalmpassword", "sambapasswordhistory", "pwdhistory", "authpassword",
    "krbprincipalkey", "ipanthash", "ms-mcs-admpwd", "mslaps-password", "mslaps-encryptedpassword",
})  # fmt: skip
"""Never handed out and never sealed for an authority; an entry that comes back brings its own along."""

ENTRY = (
    FieldInfo("dn", ("user.unique_id",), "observed"),
    *(FieldInfo(name, (category,), "provided", rectifiable=True) for name, category in GIVEN),
    FieldInfo("description", ("user.content",), "third_party", free_text=True),
    FieldInfo("uid", ("user.account.username",), "observed"),
    *(FieldInfo(name, ("user.job_title",) if name == "title" else ("user.employment",), "observed")
      for name in WORK),
    *(FieldInfo(name, ("user.biometric",), "provided") for name in PICTURES),
    FieldInfo("manager", ("user.employment",), "observed", third_party=True),
    FieldInfo("secretary", ("user.employment",), "observed", third_party=True),
    FieldInfo("seeAlso", ("user.unique_id",), "observed", third_party=True),
)  # fmt: skip
MEMBERSHIP = (
    FieldInfo("group", ("user.behavior",), "observed"),
    FieldInfo("attribute", ("user.behavior",), "observed"),
    FieldInfo("value", ("user.unique_id",), "observed"),
)
