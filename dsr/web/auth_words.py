"""What signing in and the account say: the library's own words are informal in Spanish and half in English."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

_ = lazy_gettext

FAILED = _("Address or password are not right, or the account is locked for a while after too many attempts.")
WRONG_PASSKEY = _("This passkey was not accepted. Try again, or type a code.")
WRONG_CODE = _("This code is not right, was used before, or is too old. Wait for the next one.")

SAID: Mapping[str, tuple[LazyString, str]] = {
    "GENERIC_AUTHN_FAILED": (FAILED, "error"),
    "INVALID_PASSWORD": (_("The password is not right."), "error"),
    "INVALID_RECOVERY_CODE": (_("This recovery code is not right, or was used before."), "error"),
    "PASSWORD_CHANGE": (_("The password is changed. Every other session of yours has ended."), "success"),
    "PASSWORD_INVALID_LENGTH": (_("The password is too short: at least %(length)s characters."), "error"),
    "PASSWORD_IS_THE_SAME": (_("The new password is the one until now; choose another one."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Type the password."), "error"),
    "REAUTHENTICATION_SUCCESSFUL": (_("The password was right; go on."), "info"),
    "RETYPE_PASSWORD_MISMATCH": (_("The new password was typed differently the second time."), "error"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (_("The second factor is set up."), "success"),
    "TWO_FACTOR_INVALID_TOKEN": (WRONG_CODE, "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_("The code was right: you are signed in."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (_("That took too long. Please begin again."), "error"),
}
"""By the library's name: words and category."""
