"""What can be done with accounts. One module per use case."""

from mdv.accounts.services.addresses import (
    TooManyAddresses,
    add_address,
    change_address,
    delete_address,
)
from mdv.accounts.services.change_password import WrongPassword, change_password
from mdv.accounts.services.close_account import close_account, reopen_account
from mdv.accounts.services.create_customer import create_customer
from mdv.accounts.services.credentials import (
    InvalidCredentials,
    NotYourPassword,
    check_credentials,
    check_own_password,
    check_staff_credentials,
)
from mdv.accounts.services.end_log_ins import end_token, log_out, log_out_everywhere
from mdv.accounts.services.log_in import LogIn, log_in
from mdv.accounts.services.new_password import BadPassword
from mdv.accounts.services.register import register
from mdv.accounts.services.reset_password import (
    LINK_REQUESTED,
    InvalidResetLink,
    request_password_reset,
    reset_password,
)
from mdv.accounts.services.staff import (
    LastAdmin,
    UserExists,
    create_staff,
    invite_staff,
    set_roles,
)
from mdv.accounts.services.update_profile import update_profile

__all__ = [
    "LINK_REQUESTED",
    "BadPassword",
    "InvalidCredentials",
    "InvalidResetLink",
    "LastAdmin",
    "LogIn",
    "NotYourPassword",
    "TooManyAddresses",
    "UserExists",
    "WrongPassword",
    "add_address",
    "change_address",
    "change_password",
    "check_credentials",
    "check_own_password",
    "check_staff_credentials",
    "close_account",
    "create_customer",
    "create_staff",
    "delete_address",
    "end_token",
    "invite_staff",
    "log_in",
    "log_out",
    "log_out_everywhere",
    "register",
    "reopen_account",
    "request_password_reset",
    "reset_password",
    "set_roles",
    "update_profile",
]
