"""The API is what its description says, also for input nobody would send on purpose."""

import ipaddress
import socket
import uuid

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

SPEC = "/api/v1/openapi.json"
ALWAYS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = {
    GenerationMode.POSITIVE: [*ALWAYS, ignored_auth],
    GenerationMode.NEGATIVE: [*ALWAYS, negative_data_rejection],
}
EXAMPLES = 15


@pytest.fixture
def no_names(monkeypatch):
    """A machine without a name server: names of the generated addresses lead nowhere."""

    def numbers_only(host, *arguments, **named):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "no name server") from None
        return resolve(host, *arguments, **named)

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", numbers_only)


def test_the_description_is_valid_openapi(make_place):
    validate(make_place().app.test_client().get(SPEC).get_json())


def operations(place):
    return [one.ok() for one in schemathesis.openapi.from_wsgi(SPEC, place.app).get_all_operations()]


@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize("mode", MODES)
def test_every_operation_keeps_its_description(make_place, mode):
    place = make_place(api_per_minute=1_000_000)
    shop = place.program()
    place.reviewed(shop, "access")
    bounded = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    for operation in operations(place):

        @bounded
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case):
            headers = {"Authorization": f"Bearer {shop.secret}"}
            if mode is GenerationMode.POSITIVE and case.method != "GET":
                headers["Idempotency-Key"] = uuid.uuid4().hex
            case.call_and_validate(headers=headers, checks=MODES[mode])

        holds()


def test_the_description_is_public_and_names_every_operation(place):
    answer = place.app.test_client().get(SPEC)

    described = answer.get_json()
    named = {
        (method, path)
        for path, item in described["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert (answer.status_code, described["openapi"]) == (200, "3.1.0")
    assert named == {
        ("post", "/api/v1/cases"),
        ("get", "/api/v1/cases"),
        ("get", "/api/v1/rights"),
        ("post", "/api/v1/submissions/{reference}/evidence"),
        ("get", "/api/v1/cases/{reference}"),
        ("get", "/api/v1/cases/{reference}/events"),
        ("post", "/api/v1/cases/{reference}/approve"),
        ("post", "/api/v1/cases/{reference}/refuse"),
        ("post", "/api/v1/cases/{reference}/extend"),
        ("get", "/api/v1/hooks"),
        ("post", "/api/v1/hooks"),
        ("delete", "/api/v1/hooks/{number}"),
    }


def test_every_operation_names_its_scope_and_its_summary(place):
    described = place.app.test_client().get(SPEC).get_json()

    operations = [
        one for item in described["paths"].values() for name, one in item.items() if name != "parameters"
    ]
    assert [
        one for one in operations if not one.get("summary") or len(one["security"][0]["token"]) != 1
    ] == []


def test_every_view_has_a_schema_of_its_own_name(place):
    described = place.app.test_client().get(SPEC).get_json()

    names = set(described["components"]["schemas"])
    assert [name for name in names if name.endswith("1")] == []
    assert {"Filing", "Receipt", "Page", "Case", "Approval", "Problem"} <= names
