"""Vendors' codes by class, as their documents and SDKs give them. A code that ends in `*` stands for its family."""

from __future__ import annotations

from channels.sms_codes import SMS_CODES

CODES: dict[str, dict[str, tuple[str, ...]]] = {
    **SMS_CODES,
    "jpush": {
        "duplicate_suppressed": ("cid repeated*",),
        "permanent_recipient": ("1011", "1003:registration_id"),
        "permanent_config": ("1001", "1002", "1003", "1009", "1020"),
        "permanent_content": ("1005",),
        "auth": ("1004", "1008"),
        "account_blocked": ("2008",),
        "throttled_api": ("2002",),
        "unknown_outcome": ("1000", "1030"),
    },
    "getui": {
        "message_lost": ("request_id repeated",),
        "accepted_not_delivered": ("successed_ignore",),
        "accepted": ("successed_online", "successed_offline"),
    },
    "hms_push": {
        "accepted": ("80000000",),
        "partial": ("80100000",),
        "permanent_recipient": ("80300007",),
        "permanent_config": ("80300010",),
        "permanent_content": ("80300008", "80100016"),
        "auth": ("80200001", "80200003"),
        "throttled_api": ("HTTP 503",),
        "transient": ("HTTP 502",),
    },
    "fcm": {
        "permanent_recipient": ("UNREGISTERED", "SENDER_ID_MISMATCH"),
        "throttled_api": ("QUOTA_EXCEEDED",),
        "transient": ("UNAVAILABLE", "INTERNAL"),
    },
    "apns": {"permanent_recipient": ("410", "Unregistered", "BadDeviceToken"), "throttled_api": ("429",)},
    "wechat_mp": {
        "accepted": ("0",),
        "auth": ("40001", "40013", "40014", "40125", "40164", "42001"),
        "permanent_recipient": ("40003", "43004"),
        "permanent_config": ("40037", "41030", "48001", "48004"),
        "recipient_opt_out": ("43101",),
        "throttled_api": ("45009", "45011"),
        "permanent_content": ("47003", "40249"),
        "transient": ("-1", "40037:again", "token_*"),
    },
    "web_push": {
        "accepted": ("http_200", "http_201", "http_202"),
        "transient": ("expired", "connect_*", "http_3*", "http_408"),
        "throttled_api": ("http_429", "http_503"),
        "auth": ("http_401", "http_403"),
        "permanent_config": ("http_400", "host_not_allowed", "blocked_address"),
        "permanent_recipient": ("http_404", "http_410", "bad_subscription"),
        "permanent_content": ("http_413",),
        "unknown_outcome": ("http_5*", "read_error", "total_timeout"),
    },
    "gateway": {
        "transient": ("busy", "expired", "connect", "connect_*", "pool_timeout", "disconnected", "disconnected_*"),
        "throttled_api": ("http_429", "http_503", "throttled"),
        "throttled_recipient": ("number_limit", "number_daily_limit"),
        "deferred_window": ("outside_window",),
        "auth": ("http_401", "http_403"),
        "permanent_config": ("http_404", "http_405", "http_413"),
        "permanent_recipient": ("bad_address",),
        "permanent_content_or_policy": ("refused",),
        "failed_unknown": ("UNDELIV",),
        "unknown_outcome": ("no_answer", "read_*", "write_*", "total_timeout", "remote_protocol_error", "http_5*"),
    },
    "dingtalk_robot": {"throttled_api": ("130101",), "permanent_config": ("310000",)},
    "cmpp": {
        "accepted": ("0",),
        "throttled_api": ("8",),
        "permanent_config": ("1", "2", "3", "4", "5", "6", "7", "9", "10", "11", "12", "13"),
        "delivered": ("DELIVRD",),
        "failed_transient": ("EXPIRED",),
        "failed_unknown": ("UNDELIV",),
        "failed_permanent": ("REJECTD",),
        "failed_carrier_specific": ("MA:*", "MB:*", "CA:*"),
    },
}

# What a limit of one number asks: seconds, where the code names them; DAILY ends with the calendar day.
NUMBER_SECONDS: dict[str, float] = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30.0,
    "LimitExceeded.PhoneNumberOneHourLimit": 3600.0,
}
DAILY = frozenset(
    {
        "LimitExceeded.PhoneNumberDailyLimit",
        "LimitExceeded.PhoneNumberSameContentDailyLimit",
        "number_daily_limit",
    }
)
