"""What the law asks, one test a row; each test is named after its row, and cites the articles in plain words.

Rows kept, and where:

- test_choices.py: L1 switch, L2 without the person, L3 tags, L4 explanation
- test_sensitive.py: L6 nothing sensitive inferred, L7 a consent of its own, L8 minors
- test_basis.py: L9 and L31 recorded duty, L10 withdrawal, L17 opt-out and evidence
- test_rights.py: L11 erasure, L12 copy, L13 careful words and a human, L27 complaints, L29 one place for all rights
- test_secrecy.py: L15 ciphertext, masks, a log that only grows, L16 what vendors see
- test_release.py: L19 drafts, L20 published only, L21 four eyes; L26 messages that nobody mistakes for a fraud

Rows not claimed yet, or only in part:

- L5: of a family only the newest is shown; nothing bounds how many one agency may have in a list
- L9: the basis is recorded for a campaign; no field carries its purpose, and use outside it is not refused by the store
- L11: nothing is deleted by age; vectors learnt for one person leave the model with the next training
- L12: source and date are in the copy and in the API, not beside each clause of the page; corrections go by telephone
- L3: a tag that the register itself drops and names again later is taken as new
- L14: an impact assessment does not block a release
- L17: a reply to an SMS reaches us as the vendor's receipt; nothing deletes evidence, so no term is counted
- L18, L22, L24, L25, L30, L32: time limits of publication, pre-filled forms, graded protection, filing number,
  confidentiality review, the national ciphers
- L19: only that drafts are not matched: the thirty days and the answer to what was said are not watched
- L23: the browser tests look at the elder mode of every resident page for sideways scroll; contrast is not measured
- L28: the page on the algorithm says purpose and method; nothing is said on retention, and changes are not told again
"""
