"""Signing in to the desk: Flask-Security with argon2id, a second factor, lockout and our own sessions."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any, cast

from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    jsonify,
    redirect,
    request,
    session,
    url_for,
)
from flask_security import (
    LoginForm,
    Security,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    current_user,
    hash_password,
    password_changed,
    user_failed_authn,
)
from flask_security.totp import Totp
from markupsafe import Markup

from dsr.services import signing_in, staff
from dsr.store.staff import Staff, StaffStore

from . import passkeys
from .auth_words import FAILED, SAID, WRONG_CODE, WRONG_PASSKEY
from .moment import now
from .roles import PUBLIC, roles
from .sessions import DESK, Sessions

STAFF = ("agent", "dpo", "auditor", "admin", "legal", "holder")
SIGNED_IN = frozenset({"change_password", "mf_recovery_codes", "verify", "logout"})
MINIMUM_LENGTH = 12
IDLE = timedelta(hours=10)
SETTING_UP = timedelta(minutes=30)
"""How long the picture of a second factor that was not confirmed stays the same."""

BEGUN = "tf_begun"


class SignInForm(LoginForm):
    """The answer is the same for a wrong password, an unknown address and a locked account."""

    def validate(self, **kwargs: Any) -> bool:
        if signing_in.locked(self.email.data or "", now=now()):
            # As much work as a password that is wrong: who measures does not learn that there is an account.
            hash_password(self.password.data or "")
            signing_in.tried_in_vain(self.email.data or "", now=now())
            self.password.errors = [FAILED]
            return False
        good = bool(super().validate(**kwargs))
        if self.user is None:
            signing_in.tried_in_vain(self.email.data or "", now=now())
        return good


class CodeForm(TwoFactorVerifyCodeForm):
    """The second factor, a code or a passkey; wrong ones count as wrong passwords do."""

    def validate(self, **kwargs: Any) -> bool:
        if self.user is not None and signing_in.locked(self.user.email, now=now()):
            self.code.errors = [WRONG_CODE]
            return False
        answer = request.form.get("credential")
        if not answer:
            return bool(super().validate(**kwargs))
        # A passkey never stands for the code that sets up an app.
        if session.get("tf_state") == "ready" and passkeys.holds(cast(Staff, self.user), answer):
            return True
        self.code.errors = [WRONG_PASSKEY]
        return False


class AgainForm(VerifyForm):
    """The password once more, before something important."""

    def validate(self, **kwargs: Any) -> bool:
        if signing_in.locked(current_user.email, now=now()):
            self.password.errors = [FAILED]
            return False
        return bool(super().validate(**kwargs))


class Codes(Totp):
    """Time-based codes (RFC 6238) that work once."""

    def generate_totp_secret(self) -> str:
        """A new secret, or the one that waits for its first code: whoever mistypes that keeps the picture."""
        waiting = _waiting_secret()
        if waiting:
            return waiting
        session[BEGUN] = now().timestamp()
        return str(super().generate_totp_secret())

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """True for a code of now, or of one half minute before, that nobody used yet."""
        try:
            match = self._totp.verify(token, totp_secret, window=window)
        except (ValueError, TypeError):
            return False
        return signing_in.use_code(user.id, match.counter, now=now())

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The picture as an SVG path, to stand inside the page: our policy allows no data: address."""
        import qrcode  # type: ignore[import-untyped]

        code = qrcode.QRCode(border=2)
        code.add_data(self.get_totp_uri(username, totp))
        drawn = io.StringIO()
        matrix = code.get_matrix()
        for y, row in enumerate(matrix):
            for x, dark in enumerate(row):
                if dark:
                    drawn.write(f"M{x} {y}h1v1h-1z")
        return Markup('<svg viewBox="0 0 {0} {0}" role="img" aria-label="{1}"><path d="{2}"/></svg>').format(
            len(matrix), "QR", drawn.getvalue()
        )


def _waiting_secret() -> str:
    """The secret of a second factor that is being set up and not confirmed yet; '' when it is too old."""
    begun = session.get(BEGUN)
    if session.get("tf_state") != "validating_profile" or begun is None:
        return ""
    fresh = now().timestamp() - begun < SETTING_UP.total_seconds()
    return str(session.get("tf_totp_secret") or "") if fresh else ""


def _setting_up() -> dict[str, Any]:
    """What the page of setting up shows again after a wrong code: the same picture, and a form that knows it."""
    secret = _waiting_secret()
    if not (secret and current_user.is_authenticated):
        return {}
    security = current_app.extensions["security"]
    state = {"totp_secret": secret, "method": "authenticator", "phone": None}
    values = security.totp_factory.fetch_setup_values(secret, current_user)
    again = {
        "token": security.tf_setup_serializer.dumps(state),
        "qrcode": values["image"],
        "key": values["key"],
    }
    return {"again": again}


def init_app(app: Flask) -> None:
    """Sign-in below ``/desk``; everything else of the desk asks who is there."""
    app.config.update(_config(app))
    security = Security(
        app,
        StaffStore(),
        login_form=SignInForm,
        two_factor_verify_code_form=CodeForm,
        verify_form=AgainForm,
        totp_cls=Codes,
    )
    security.unauthn_handler(unauthenticated)
    security.tf_setup_context_processor(_setting_up)
    app.session_interface = Sessions()
    user_failed_authn.connect(_count_failure, app)
    password_changed.connect(_end_other_sessions, app)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            signed_in = endpoint.partition(".")[2] in SIGNED_IN
            roles(*(STAFF if signed_in else (PUBLIC,)))(view)


def second_factor_required(app: Flask) -> bool:
    """Must every member of staff have a second factor? (setting ``mfa``)"""
    return str(app.config.get("MFA", "required")) == "required"


def factor_holds(app: Flask, code: str, answer: str) -> bool:
    """Check a second factor in the middle of the work: the answer of a passkey, or else a code."""
    if answer:
        return passkeys.holds(current_user._get_current_object(), answer)
    return code_holds(app, code)


def passkey_question() -> str:
    """What a page asks a passkey of whoever is signed in, or has typed her password; '' without one."""
    if current_user.is_authenticated:
        return passkeys.question(current_user._get_current_object())
    waiting = session.get("tf_user_id") if session.get("tf_state") == "ready" else None
    staff_ = StaffStore().find_user(fs_uniquifier=waiting) if waiting else None
    return passkeys.question(cast(Staff, staff_)) if staff_ is not None else ""


def code_holds(app: Flask, typed: str) -> bool:
    """Check a code in the middle of the work; wrong ones count towards the lockout."""
    user: Any = current_user
    if signing_in.locked(user.email, now=now()) or not user.tf_totp_secret:
        return False
    window = int(app.config["SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY"])
    codes: Codes = app.extensions["security"].totp_factory
    if codes.verify_totp(typed.replace(" ", ""), user.tf_totp_secret, user, window):
        return True
    signing_in.failed(user.id, now=now())
    return False


def unauthenticated(mechanisms: Any = None, headers: Any = None) -> Any:
    """401 for programs, the sign-in page for people."""
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        answer = jsonify(type="about:blank", title="Unauthorized", status=401)
        answer.status_code, answer.mimetype = 401, "application/problem+json"
        return answer
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("security.login", next=wanted))


def _count_failure(app: Flask, user: Any, **_: Any) -> None:
    signing_in.failed(user.id, now=now())


def _end_other_sessions(app: Flask, user: Any, **_: Any) -> None:
    @after_this_request
    def ended(answer: Response) -> Response:
        staff.password_changed(user.id, now=now())
        session.modified = True
        return answer


def _config(app: Flask) -> dict[str, Any]:
    secret = str(app.config["SECRET_KEY"])
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__time_cost": staff.WORK.time_cost,
            "argon2__memory_cost": staff.WORK.memory_cost,
            "argon2__parallelism": staff.WORK.parallelism,
        },
        "SECURITY_PASSWORD_SALT": _derived(secret, "password"),
        "SECURITY_PASSWORD_LENGTH_MIN": MINIMUM_LENGTH,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_URL_PREFIX": DESK,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": f"{DESK}/",
        "SECURITY_POST_LOGOUT_VIEW": f"{DESK}/sign-in",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        **{f"SECURITY_MSG_{name}": said for name, said in SAID.items()},
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_URL": "/password",
        "SECURITY_POST_CHANGE_VIEW": f"{DESK}/account",
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_REQUIRED": second_factor_required(app),
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_SETUP_WITHIN": SETTING_UP,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/second-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/lost",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": f"{DESK}/account",
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TOTP_SECRETS": {"1": _derived(secret, "totp")},
        "SECURITY_TOTP_ISSUER": "DSR",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/recovery",
        "SECURITY_VERIFY_URL": "/again",
        "SECURITY_FRESHNESS": timedelta(hours=1),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_LOGIN_USER_TEMPLATE": "desk/sign_in.html",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "desk/code.html",
        "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "desk/second_factor.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "desk/recovery.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "desk/recovery_codes.html",
        "SECURITY_CHANGE_PASSWORD_TEMPLATE": "desk/password.html",
        "SECURITY_VERIFY_TEMPLATE": "desk/again.html",
    }


def _derived(secret: str, purpose: str) -> str:
    return hashlib.sha256(f"dsr/{purpose}/{secret}".encode()).hexdigest()
