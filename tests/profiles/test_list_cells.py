"""Certificates in one cell."""

from __future__ import annotations

from datetime import date

import pytest

from profiles.cells import CellError
from profiles.list_cells import CertificateRecord, certificates
from profiles.standards.qualifications import default_until


@pytest.mark.parametrize(
    ("text", "key", "until"),
    [
        ("national_hnte@2023-12-08@2026-12-07", "national_hnte", date(2026, 12, 7)),
        ("national_hnte@2023-12-08@", "national_hnte", date(2026, 12, 8)),
        ("高企@2023-12-08", "national_hnte", date(2026, 12, 8)),
        ("tech_sme@2023-12-08", "tech_sme", date(2024, 3, 31)),
        ("prov_tech_sme@2023-12-08", "prov_tech_sme", None),
    ],
)
def test_a_certificate_ends_as_it_says_or_as_its_term_does(text: str, key: str, until: date | None) -> None:
    begun = date(2023, 12, 8)
    assert certificates(text) == (CertificateRecord(key, begun, until),)
    assert text.endswith("07") or default_until(key, begun) == until


@pytest.mark.parametrize("text", ["national_hnte", "national_hnte@@2026-12-07", "national_hnte@2023-12-08@2023-12-07"])
def test_a_certificate_needs_its_first_day_and_ends_after_it(text: str) -> None:
    with pytest.raises(CellError):
        certificates(text)
