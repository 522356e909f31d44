"""The path of a policy: one verb a file, each safe to run again. Read them in this order.

1. ingest    `ingest_policies`, `ingest_profiles`, `ingest_log`: files and API bodies become rows, bad rows are named
2. publish   `publish`: a second person's review makes a policy visible and drafts a campaign
             `campaigns`: drafted, reviewed, approved by hash, started, paused, reported
3. audience  `audience`: selections through three doors (`choosing`: criteria and wishes; `recommending`: the model)
4. plan      `plan`: a delivery in a slice or a named refusal for each selection (`gating`, `slicing`, `digest`)
5. compose   `compose`: messages from `wording`
6. deliver   `deliver`: claim, `regate`, send, record (`outside`: the open channels)
7. receipt   `receipt`: what providers say later
8. learn     `learn`: a model from `feedback`; `gate`: whether it may serve; `models`: which one does, taking it back;
             `assessing`: the impact assessments that let it; `drift`: whether the city has moved away from it
9. sweep     `sweep`: puts back, settles, releases; `untold`: tells whom nobody told after all; `advance` takes every
             campaign its next step; `ledger` reconciles

Beside the path: `explain`, `feed`, `why` answer one person; `preferences`, `unsubscribe`, `self_service`, `rights` and
`accounts` do what people ask about themselves; `life` answers what happens to them; `system` sends sign-in codes.
"""
