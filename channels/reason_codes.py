"""Vendors' codes by class, as their documents and SDKs give them. A code that ends in `*` stands for its family."""

from __future__ import annotations

CODES: dict[str, dict[str, tuple[str, ...]]] = {
    "tencent_sms": {
        "accepted": ("Ok",),
        "recipient_opt_out": ("FailedOperation.PhoneNumberInBlacklist",),
        "permanent_recipient": ("InvalidParameterValue.IncorrectPhoneNumber",),
        "deferred_window": ("FailedOperation.MarketingSendTimeConstraint",),
        "permanent_config": (
            "InvalidParameterValue.MarketingTemplateWithoutUnsubscribe",
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "FailedOperation.SignatureIncorrectOrUnapproved",
        ),
        "permanent_content": (
            "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
            "InvalidParameterValue.TemplateParameterLengthLimit",
            "InvalidParameterValue.ContentLengthLimit",
            "FailedOperation.ContainSensitiveWord",
        ),
        "account_blocked": (
            "FailedOperation.InsufficientBalanceInSmsPackage",
            "UnauthorizedOperation.ServiceSuspendDueToArrears",
            "LimitExceeded.AppDailyLimit",
        ),
        "throttled_recipient": (
            "LimitExceeded.DeliveryFrequencyLimit",
            "LimitExceeded.PhoneNumberThirtySecondLimit",
            "LimitExceeded.PhoneNumberOneHourLimit",
            "LimitExceeded.PhoneNumberDailyLimit",
            "LimitExceeded.PhoneNumberSameContentDailyLimit",
        ),
        "throttled_api": ("RequestLimitExceeded",),
        "unknown_outcome": ("InternalError.Timeout", "InternalError.*"),
    },
    "aliyun_sms": {
        "accepted": ("OK",),
        "delivered": ("DELIVERED",),
        "throttled_recipient": ("isv.BUSINESS_LIMIT_CONTROL",),
        "account_blocked": ("isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.OUT_OF_SERVICE"),
        "permanent_config": (
            "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
            "isv.SIGN_STATE_ILLEGAL",
            "isv.EXTEND_CODE_ERROR",
            "isp.RAM_PERMISSION_DENY",
        ),
        "permanent_recipient": ("isv.DOMESTIC_NUMBER_NOT_SUPPORTED",),
        "permanent_content": ("isv.SMS_CONTENT_ILLEGAL",),
        "failed_by_carrier": ("success=false",),
        "unknown_outcome": ("timeout",),
    },
    "jpush": {"duplicate_suppressed": ("cid repeated",)},
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
        "auth": ("40001",),
        "permanent_recipient": ("40003", "43004"),
        "permanent_config": ("40037", "48001", "48004"),
        "recipient_opt_out": ("43101",),
        "throttled_api": ("45009", "45011"),
        "permanent_content": ("47003", "40249"),
        "transient": ("-1",),
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
