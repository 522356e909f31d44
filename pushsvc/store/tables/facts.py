"""What is known of profiles: their facts in one wide row, by year, apart where sensitive; sources and corrections."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from pushsvc.store.tables.base import Words, identity, instant, metadata

# The columns from `region` on are the facts of `profiles.facts.FACTS` that are neither sensitive nor derived:
# a test holds the two lists together. `sources` is {fact: [source, ISO date]}.
profile = Table(
    "profile",
    metadata,
    identity(),
    Column("ref", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),  # citizen | self_employed | enterprise | cooperative | other
    Column("name", LargeBinary),  # ciphertext
    Column("locale", Text, nullable=False, server_default="zh"),
    Column("own_locale", Boolean, nullable=False, server_default=text("false")),  # chosen here: no file changes it
    Column("zone", Text, nullable=False, server_default="Asia/Shanghai"),
    Column("shard", SmallInteger, nullable=False, server_default="0"),
    Column("guardian_id", BigInteger, ForeignKey("profile.id")),
    Column("interests", Words, nullable=False, server_default="{}"),
    Column("stages", Words, nullable=False, server_default="{}"),
    Column("objectives", Words),
    Column("benefits", Words),  # null: nobody told what the profile receives
    Column("sources", JSONB, nullable=False, server_default="{}"),
    Column("checksum", LargeBinary),
    instant("updated_at"),
    instant("erased_at", nullable=True),
    Column("region", Text),
    Column("functional_zone", Text),
    Column("birth_date", Date),
    Column("sex", Text),
    Column("household_region", Text),
    Column("employment", Text),
    Column("insurance_months", Float),
    Column("owns_home", Boolean),
    Column("talent_class", Text),
    Column("industry", Text),
    Column("founded_on", Date),
    Column("employees", Float),
    Column("revenue", Float),
    Column("assets", Float),
    Column("rd_spend", Float),
    Column("contract_amount", Float),
    Column("dishonest", Boolean),
    Column("legal_status", Text),
    Column("layoff_rate", Float),
    Column("premiums_paid", Boolean),
    Column("moved_in_on", Date),
    Column("is_branch", Boolean),
    Column("household_income", Float),
    Column("household_size", Float),
    Column("household_parts", Float),
    Column("school_level", Text),
    Column("institution", Text),
    Column("activity_from", Date),
    Column("activity_to", Date),
    Column("resident_since", Date),
    Column("tenure", Text),
    Column("legal_form", Text),
    Column("registered_capital", Float),
    Column("patent_invention", Float),
    Column("patent_utility", Float),
    Column("patent_design", Float),
    Column("software_copyright", Float),
    Column("ic_layout", Float),
    Column("rd_staff", Float),
    Column("rd_skilled_share", Float),
    Column("rd_institution", Text),
    Column("qualifications_listed_on", Date),
)

# The yearly facts of `profiles.facts.YEARLY`, a row a profile and calendar year; `sources` as in `profile`.
yearly_fact = Table(
    "yearly_fact",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("sources", JSONB, nullable=False, server_default="{}"),
    Column("employees", Float),
    Column("revenue", Float),
    Column("assets", Float),
    Column("rd_spend", Float),
    Column("rd_staff", Float),
)

# A certificate with its own dates. A renewal is another row; without `valid_until` it does not lapse.
qualification = Table(
    "qualification",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date),
    Column("source", Text, nullable=False),
    Column("as_of", Date, nullable=False),
)

# Where facts come from, why they may be used and which of two sources is believed.
fact_source = Table(
    "fact_source",
    metadata,
    Column("name", Text, primary_key=True),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("holds_days", SmallInteger),  # for so long its word beats a lower rank's newer one; null: always
    Column("purpose", Text, nullable=False),
    Column("basis", Text, nullable=False),
)

# A person says that a fact held of them is wrong; an office answers. Nothing changes before it does.
correction = Table(
    "correction",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("fact", Text, nullable=False),
    Column("year", SmallInteger),
    Column("wish", Text, nullable=False, server_default="correct"),  # correct | delete
    Column("claimed", LargeBinary, nullable=False),  # ciphertext: a person's words; of a deletion its ground
    Column("reason", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),  # open | accepted | refused
    instant("asked_at"),
    instant("answered_at", nullable=True),
    Column("answered_by", Text),
    Column("answer", LargeBinary),
)

fact_history = Table(
    "fact_history",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False, index=True),
    Column("fact", Text, nullable=False),
    Column("year", SmallInteger),
    Column("value", Text),
    Column("source", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("why", Text, nullable=False, server_default="older"),  # older | lower_rank | corrected: why it is not held
    instant("recorded_at"),
)

# Sensitive facts (PIPL 28-30) stand apart: joined in only where the profile gave its own consent for them.
sensitive_fact = Table(
    "sensitive_fact",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("fact", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),  # ciphertext
    Column("source", Text, nullable=False),
    Column("as_of", Date, nullable=False),
)

dependant = Table(
    "dependant",
    metadata,
    identity(),
    Column("profile_id", BigInteger, ForeignKey("profile.id"), nullable=False),
    Column("ref", Text, nullable=False),
    Column("birth_date", Date),
    Column("household_region", Text),
    Column("relation", Text, nullable=False, server_default=""),  # child | elder | other; "": nobody said
    Column("source", Text, nullable=False, server_default=""),
    Column("as_of", Date),
    Column("used", Boolean, nullable=False, server_default=text("true")),  # false: nothing is decided by this row
    UniqueConstraint("profile_id", "ref"),
)

# A fact that an office deleted because the person asked: no older word of a file brings it back.
deleted_fact = Table(
    "deleted_fact",
    metadata,
    Column("profile_id", BigInteger, ForeignKey("profile.id"), primary_key=True),
    Column("fact", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),  # 0: the fact as it stands now
    Column("on_day", Date, nullable=False),
)
