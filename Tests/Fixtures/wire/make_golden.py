#!/usr/bin/env python3
"""Writes golden.txt: messages of Protos/ in the bytes that Google's protobuf gives them.

The tests of the target Wire read golden.txt and hold the same values in Swift (GoldenValues.swift). Run this only when
Protos/ or the values change:

    python3 -m venv VENV && VENV/bin/pip install protobuf==4.21.12 && VENV/bin/python make_golden.py

It needs protoc 3.21 (apt: protobuf-compiler).
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROTOS = HERE.parents[2] / "Protos"


def load():
    """Compiles Protos/ and imports what comes out."""
    folder = tempfile.mkdtemp()
    files = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    subprocess.run(["protoc", f"--python_out={folder}", *files], cwd=PROTOS, check=True)
    sys.path.insert(0, folder)


load()

from switchboard.v1 import (  # noqa: E402
    call_pb2 as call,
    common_pb2 as common,
    discovery_pb2 as discovery,
    health_pb2 as health,
    index_pb2 as index,
    log_pb2 as log,
    retriever_pb2 as retriever,
    router_pb2 as router,
    scorer_pb2 as scorer,
    worker_pb2 as worker,
)

BITS = bytes(range(16))
OTHER_BITS = bytes(range(240, 256))
ENCODER = b"\x11" * 32
BASE = b"\x22" * 32
ADAPTER = b"\x33" * 32
PROMPT = b"\x44" * 32
TEXT = "wo bleibt mein Päckchen? 📦".encode()
POSITION = common.Position(log_id=BITS, seq=300)
KEY = log.KeySet(
    name="clerk@desk", public_key=b"\x55" * 32, roles=["classify", "publish"], verticals=["orders", "returns"]
)

RETRIEVAL_POLICY = common.RetrievalPolicy(
    encoder_id=ENCODER,
    k=12,
    vote_temperature=0.0625,
    ignore_exact=True,
    calibration_temperature=1.5,
    min_familiarity=0.25,
    distance_weight=0.5,
    mean_weight=0.75,
    word_weight=0.0625,
    route_score=0.5,
    clarify_margin=0.125,
    llm_mode=common.LLM_MODE_AUTO,
    widening=common.Widening(k=40, below_share=0.375, fewer_intents=3),
)
LLM_POLICY = common.LlmPolicy(
    base_model_id=BASE,
    adapter_id=ADAPTER,
    prompt_id=PROMPT,
    vote_weight=0.75,
    llm_weight=1.25,
    calibration_temperature=2.0,
    skip_share=0.875,
    route_score=0.625,
    clarify_margin=0.25,
    candidates=7,
    exemplars_each=3,
    least_share=0.03125,
    stops_early=True,
)
POLICY = common.Policy(retrieval=RETRIEVAL_POLICY, llm=LLM_POLICY)
INTENT = common.IntentEntry(
    intent_id=2401,
    vertical="orders",
    path=b"delivery/late",
    disabled=True,
    description="a parcel is late".encode(),
    phrase="your late parcel".encode(),
    attributes=[
        common.Attribute(key=b"language", value=b"de"),
        common.Attribute(key=b"queue", value=b"parcels"),
    ],
    alias_of=16,
)
PLAIN_INTENT = common.IntentEntry(intent_id=8, vertical="orders", path=b"delivery")
TURNS = [
    common.Turn(role=common.ROLE_AGENT, text=b"how can I help?"),
    common.Turn(role=common.ROLE_CALLER, text=b"it is about my order"),
]
FEEDBACK = router.FeedbackRequest(
    reply_id=OTHER_BITS,
    text=TEXT,
    vertical="orders",
    answered_intent=b"delivery",
    verdict=router.VERDICT_CORRECTED,
    right_intent=b"delivery/late",
    source=router.FEEDBACK_SOURCE_AGENT,
    conversation_id=b"c-17",
    outcome=router.OUTCOME_CLARIFY,
    probability=0.0,
    decided_by=router.DECIDED_BY_LLM,
    position=POSITION,
    origin=b"subject-4",
)


def record(seq, **fact):
    """A record of one operation whose stamp is always the same."""
    return log.LogRecord(
        format=1,
        seq=seq,
        operation_id=b"op-1",
        change_id=b"ch-1",
        source=b"index load",
        author="Zoë".encode(),
        time_us=1_700_000_000_123_456,
        **fact,
    )


UPSERTED = record(
    1,
    exemplar_upserted=log.ExemplarUpserted(
        vertical="orders",
        text=TEXT,
        intent=b"delivery/late",
        vector=[0.6, -0.8, 0.0],
        encoder_id=ENCODER,
        origin=b"subject-4",
    ),
)
REMOVED = record(2, exemplar_removed=log.ExemplarRemoved(vertical="orders", exemplar_id=BITS))

GOLDEN = {
    "Header/call": call.Header(
        version=1,
        kind=call.FRAME_KIND_CALL,
        call_id=7,
        method="switchboard.v1.Router/Classify",
        time_left_us=1_500_000,
        grant=16,
        byte_limit=1 << 23,
        metadata=[call.Metadata(key="trace", value=b"\x00\xff")],
    ),
    "Header/reply": call.Header(
        version=1,
        kind=call.FRAME_KIND_REPLY,
        call_id=2**63 + 1,
        status=call.Status(
            code=call.STATUS_CODE_RESOURCE_EXHAUSTED,
            message="the queue is full".encode(),
            retry_after_us=250_000,
        ),
    ),
    "Header/ok": call.Header(version=1, kind=call.FRAME_KIND_REPLY, call_id=0, status=call.Status()),
    "ClassifyRequest/full": router.ClassifyRequest(
        text=TEXT,
        verticals=["orders", "devices"],
        llm=common.LLM_MODE_ALWAYS,
        request_id=b"r-1",
        conversation_id=b"c-17",
        origin=b"subject-4",
        turns=TURNS,
        partial=True,
        do_not_store=True,
        within=[b"delivery", b"and%2For/x"],
        evidence=5,
        exact=True,
        min_position=POSITION,
        exclude=[BITS, OTHER_BITS],
    ),
    "ClassifyRequest/text": router.ClassifyRequest(text=b"hello"),
    "ClassifyResponse/full": router.ClassifyResponse(
        reply_id=OTHER_BITS,
        text=TEXT,
        outcome=router.OUTCOME_ROUTE,
        vertical="orders",
        intent=b"delivery/late",
        intent_id=2401,
        probability=0.8125,
        score=0.75,
        levels=[
            router.Level(path=b"delivery", probability=0.9375),
            router.Level(path=b"delivery/late", probability=0.8125),
        ],
        candidates=[
            router.Candidate(
                vertical="orders",
                intent=b"delivery/late",
                intent_id=2401,
                probability=0.8125,
                vote=0.75,
                class_score=0.5,
                llm_logprob=-0.25,
                score=0.875,
            ),
            router.Candidate(vertical="orders", intent=b"delivery", intent_id=8, probability=0.0, vote=0.25),
        ],
        evidence=[
            router.Evidence(vertical="orders", query=b"my parcel is late", intent=b"delivery/late", similarity=0.96875)
        ],
        decided_by=router.DECIDED_BY_EXACT,
        request_id=b"r-1",
        attributes=INTENT.attributes,
        phrase=b"your late parcel",
        position=POSITION,
        policy_seq=44,
        truncated=True,
        timings=router.Timings(queue_us=1, encode_us=4000, search_us=300, score_us=0, total_us=2**40),
        verticals=["orders"],
        familiarity=0.625,
    ),
    "ClassifyResponse/unknown": router.ClassifyResponse(
        reply_id=BITS,
        text=b"hm",
        outcome=router.OUTCOME_UNKNOWN,
        decided_by=router.DECIDED_BY_DEGRADED,
        position=POSITION,
        timings=router.Timings(),
    ),
    "FeedbackRequest/corrected": FEEDBACK,
    "FeedbackRequest/confirmed": router.FeedbackRequest(
        reply_id=BITS,
        text=b"hello",
        vertical="default",
        verdict=router.VERDICT_CONFIRMED,
        source=router.FEEDBACK_SOURCE_CALLER,
    ),
    "FeedbackResponse/replaced": router.FeedbackResponse(replaced=True, learnt=POSITION),
    "IntentsRequest/full": router.IntentsRequest(verticals=["orders"], then_changes=True),
    "IntentsResponse/full": router.IntentsResponse(intents=[INTENT, PLAIN_INTENT], position=POSITION, complete=True),
    "EncodeRequest/full": retriever.EncodeRequest(
        texts=[TEXT, b"b"], priority=retriever.PRIORITY_UPDATES, encoder_id=ENCODER
    ),
    "EncodeResponse/full": retriever.EncodeResponse(
        encoder_id=ENCODER,
        vectors=[common.Vector(values=[0.6, 0.8]), common.Vector(values=[-1.0, 0.0])],
        truncated=[False, True],
    ),
    "RetrieveRequest/text": retriever.RetrieveRequest(
        text=TEXT,
        verticals=["orders"],
        k=7,
        within=[b"delivery"],
        exclude=[BITS],
        exact=True,
        min_position=POSITION,
        priority=retriever.PRIORITY_DISCOVERY,
        llm=common.LLM_MODE_AUTO,
        candidates=6,
        exemplars_each=4,
        class_figures=40,
        scorers=[
            retriever.ScoringModels(base_model_id=BASE, adapter_id=ADAPTER, prompt_id=PROMPT),
            retriever.ScoringModels(base_model_id=BASE, prompt_id=PROMPT),
        ],
    ),
    "RetrieveRequest/vector": retriever.RetrieveRequest(
        vector=[0.6, 0.8], encoder_id=ENCODER, priority=retriever.PRIORITY_LIVE
    ),
    "RetrieveResponse/full": retriever.RetrieveResponse(
        neighbours=[common.Neighbour(exemplar_id=BITS, text=b"my parcel is late", intent_id=2401, similarity=0.96875)],
        equal=[common.Neighbour(exemplar_id=OTHER_BITS, text=TEXT, intent_id=8, similarity=1.0)],
        intents=[INTENT, PLAIN_INTENT],
        policy=POLICY,
        policy_seq=44,
        position=POSITION,
        truncated=True,
        verticals=["devices", "orders"],
        queue_us=5,
        encode_us=6,
        search_us=7,
        encoder_id=ENCODER,
        classes=retriever.ClassEvidence(
            figures=[
                retriever.ClassFigure(intent_id=2401, cosine=0.75, log_density=-12.5, words=3.25),
                retriever.ClassFigure(intent_id=8, cosine=-0.25),
            ],
            weights=common.ClassWeights(density=0.125, cosine=2.0, temperature=1.5, words=0.25),
            others=-3.5,
            nearest_mean=0.875,
            relative_distance=-1.75,
            word_lift=0.375,
        ),
        shown=[common.Neighbour(exemplar_id=OTHER_BITS, text=b"late", intent_id=2401, similarity=0.5)],
        ignored_policy_seqs=[41, 43],
        shortened=True,
    ),
    "ScoreRequest/full": scorer.ScoreRequest(
        text=TEXT,
        turns=TURNS,
        pairs=[scorer.Pair(query=b"my parcel is late", intent=b"delivery/late")],
        candidates=[b"delivery/late", b"delivery"],
        priority=retriever.PRIORITY_LIVE,
        head_starts=[-0.25, -3.0],
    ),
    "ScoreResponse/full": scorer.ScoreResponse(
        logprobs=[-0.5, -1.25],
        prompt_tokens=211,
        truncated=True,
        base_model_id=BASE,
        adapter_id=ADAPTER,
        prompt_id=PROMPT,
        queue_us=8,
        score_us=9,
    ),
    "JudgeRequest/full": scorer.JudgeRequest(utterances=[TEXT, b"my parcel is late"]),
    "JudgeResponse/full": scorer.JudgeResponse(
        good=0.625,
        tokens=307,
        base_model_id=BASE,
        adapter_id=ADAPTER,
        prompt_id=PROMPT,
        queue_us=8,
        judge_us=9,
    ),
    "NameRequest/full": scorer.NameRequest(
        utterances=[TEXT, b"my parcel is late"],
        taken=[b"track-parcel"],
        words=[b"parcel", "P\u00e4ckchen".encode()],
        role=common.ROLE_CALLER,
    ),
    "NameResponse/full": scorer.NameResponse(
        name=b"report-parcel",
        tokens=307,
        base_model_id=BASE,
        prompt_id=PROMPT,
        queue_us=8,
        name_us=9,
    ),
    "WorkerMessage/hello": worker.WorkerMessage(
        hello=worker.WorkerHello(
            name="retriever-1",
            services=["switchboard.v1.Retriever", "switchboard.v1.Scorer"],
            encoder_id=ENCODER,
            base_model_id=BASE,
            adapter_id=ADAPTER,
            prompt_id=PROMPT,
            heartbeat_us=200_000,
        )
    ),
    "WorkerMessage/credit": worker.WorkerMessage(
        credit=worker.WorkerCredit(service="switchboard.v1.Scorer", calls=4)
    ),
    "WorkerMessage/applied": worker.WorkerMessage(
        applied=worker.WorkerApplied(position=POSITION, updater_silent=True)
    ),
    "WorkerMessage/result": worker.WorkerMessage(
        result=worker.WorkerResult(
            call_id=9,
            status=call.Status(code=call.STATUS_CODE_ABORTED, message=b"gone"),
            payload=b"\x01\x00\x02",
        )
    ),
    "WorkerMessage/heartbeat": worker.WorkerMessage(heartbeat=worker.WorkerHeartbeat()),
    "WorkerMessage/leaving": worker.WorkerMessage(leaving=worker.WorkerLeaving()),
    "GatewayMessage/welcome": worker.GatewayMessage(
        welcome=worker.GatewayWelcome(name="gateway-1", heartbeat_us=250_000)
    ),
    "GatewayMessage/call": worker.GatewayMessage(
        call=worker.WorkerCall(
            call_id=9, method="switchboard.v1.Retriever/Retrieve", time_left_us=1_999_000, payload=b"\x00\x01"
        )
    ),
    "GatewayMessage/cancel": worker.GatewayMessage(cancel=worker.WorkerCancel(call_id=9)),
    "GatewayMessage/heartbeat": worker.GatewayMessage(heartbeat=worker.GatewayHeartbeat()),
    "AppendRequest/full": index.AppendRequest(
        operation_id=b"op-1",
        change_id=b"ch-1",
        source=b"index load",
        author="Zoë".encode(),
        on_conflict=index.ON_CONFLICT_REJECT,
        refuse_new_intents=True,
        wait=index.WAIT_APPLIED,
        wait_limit_us=750_000,
        commands=[
            index.LogCommand(
                upsert=index.Upsert(
                    vertical="orders",
                    text=TEXT,
                    intent=b"delivery/late",
                    vector=[0.6, -0.8],
                    encoder_id=ENCODER,
                    origin=b"subject-4",
                )
            ),
            index.LogCommand(remove=index.Remove(vertical="orders", exemplar_id=BITS)),
            index.LogCommand(
                set_intent=index.SetIntent(
                    vertical="orders",
                    intent=b"delivery",
                    description=b"",
                    phrase=b"your parcel",
                    attributes=[common.Attribute(key=b"queue", value=b"")],
                    disabled=False,
                )
            ),
            index.LogCommand(set_intent=index.SetIntent(vertical="orders", intent=b"delivery")),
            index.LogCommand(set_policy=index.SetPolicy(scope="*", policy=POLICY)),
            index.LogCommand(set_policy=index.SetPolicy(scope="orders")),
            index.LogCommand(
                set_policy=index.SetPolicy(scope="orders", policy=common.Policy(llm=LLM_POLICY), amend=True)
            ),
            index.LogCommand(set_key=KEY),
            index.LogCommand(set_key=log.KeySet(name="clerk@desk", revoked=True)),
        ],
    ),
    "AppendReceipt/full": index.AppendReceipt(
        operation_id=b"op-1",
        change_id=b"ch-1",
        position=POSITION,
        first_seq=290,
        added=5,
        unchanged=4,
        relabelled=3,
        removed=2,
        refused=1,
        refusals=[index.Refusal(command=17, reason=b"it has another intent")],
        created=[PLAIN_INTENT],
        renamed=7,
        merged=6,
        described=5,
        policies=4,
        left=[
            index.LeftThing(exemplar_id=BITS, reason=b"changed since"),
            index.LeftThing(intent_id=88, reason=b"renamed since"),
            index.LeftThing(scope="*", reason=b"set since"),
        ],
        left_count=1234,
        repeated_operation=True,
        applied_by=6,
        behind=["retriever-2"],
        applied_us=2_345,
    ),
    "FollowRequest/start": index.FollowRequest(
        start=index.FollowStart(
            name="retriever-1", position=POSITION, epoch=3, digest=OTHER_BITS, names_only=True, format=1
        )
    ),
    "FollowRequest/applied": index.FollowRequest(
        applied=index.FollowApplied(seq=300, encoder_ids=[ENCODER], next_encoder_id=BASE, graphs_due=3)
    ),
    "FollowResponse/accepted": index.FollowResponse(
        accepted=index.FollowAccepted(head=POSITION, epoch=3, snapshot_first=True)
    ),
    "FollowResponse/records": index.FollowResponse(records=index.FollowRecords(records=[UPSERTED, REMOVED])),
    "FollowResponse/heartbeat": index.FollowResponse(
        heartbeat=index.FollowHeartbeat(head=POSITION, epoch=3, digest=OTHER_BITS, next_encoder_id=BASE)
    ),
    "LogRecord/upserted": UPSERTED,
    "LogRecord/removed": REMOVED,
    "LogRecord/intent-set": record(
        3,
        intent_set=log.IntentSet(
            vertical="orders",
            intent=b"delivery/late",
            description=b"a parcel is late",
            phrase=b"your late parcel",
            attributes=INTENT.attributes,
            disabled=True,
        ),
    ),
    "LogRecord/upserted-as-alias": record(
        1,
        exemplar_upserted=log.ExemplarUpserted(
            vertical="orders",
            text=TEXT,
            intent=b"delivery/late",
            vector=[1.0],
            encoder_id=ENCODER,
            intent_id=88,
        ),
    ),
    "LogRecord/intent-renamed": record(
        7, intent_renamed=log.IntentRenamed(intent_id=88, new_path=b"delivery/late")
    ),
    "LogRecord/intents-merged": record(
        8, intents_merged=log.IntentsMerged(from_intent_id=88, into_intent_id=96)
    ),
    "LogRecord/intent-restored": record(
        9, intent_restored=log.IntentRestored(intent_id=88, path=b"delivery/late", alias_of=96)
    ),
    "AppendRequest/names": index.AppendRequest(
        operation_id=b"op-2",
        on_conflict=index.ON_CONFLICT_RELABEL,
        wait=index.WAIT_DURABLE,
        commands=[
            index.LogCommand(
                rename=index.RenameIntent(**{"vertical": "orders", "from": b"delivery", "to": b"delivery/late"})
            ),
            index.LogCommand(
                merge=index.MergeIntents(**{"vertical": "orders", "from": b"delivery/late", "into": b"delivery"})
            ),
        ],
        dry_run=True,
    ),
    "HistoryRequest/full": index.HistoryRequest(
        vertical="orders", after_seq=12, newest_first=True, limit=20, change_id=b"ch-1"
    ),
    "HistoryResponse/full": index.HistoryResponse(
        operation_id=b"op-1",
        change_id=b"ch-1",
        source=b"index load",
        author="Zoë".encode(),
        time_us=1_700_000_000_123_456,
        first_seq=290,
        last_seq=300,
        counts=[index.KindCount(kind=10, count=10), index.KindCount(kind=12, count=1)],
        verticals=["orders"],
    ),
    "RollbackRequest/full": index.RollbackRequest(
        to_seq=290,
        vertical="orders",
        source=b"index rollback",
        author="Zoë".encode(),
        dry_run=True,
        wait=index.WAIT_APPLIED,
    ),
    "RollbackRequest/beginning": index.RollbackRequest(to_seq=0, wait=index.WAIT_DURABLE),
    "UndoRequest/full": index.UndoRequest(
        change_id=b"ch-1",
        source=b"index undo",
        author="Zoë".encode(),
        dry_run=True,
        wait=index.WAIT_DURABLE,
    ),
    "LogRecord/policy-set": record(4, policy_set=log.PolicySet(scope="builtin", policy=POLICY)),
    "LogRecord/policy-set-superseded": record(
        4,
        policy_set=log.PolicySet(
            scope="builtin",
            policy=common.Policy(
                retrieval=common.RetrievalPolicy(
                    k=12,
                    vote_temperature=0.0625,
                    superseded_min_familiarity=0.25,
                    superseded_distance_weight=0.375,
                    route_score=0.5,
                    clarify_margin=0.125,
                    llm_mode=common.LLM_MODE_OFF,
                )
            ),
        ),
    ),
    "LogRecord/vector-set": record(
        5,
        vector_set=log.VectorSet(vertical="orders", exemplar_id=BITS, vector=[0.6, -0.8, 0.0], encoder_id=ENCODER),
    ),
    "LogRecord/models-switched": record(6, models_switched=log.ModelsSwitched(encoder_id=ENCODER)),
    "LogRecord/upsert-blanked": record(
        7,
        exemplar_blanked=log.ExemplarBlanked(
            vertical="orders", kind=log.BLANKED_KIND_UPSERTED, intent=b"delivery/late", encoder_id=ENCODER
        ),
    ),
    "LogRecord/removal-blanked": record(
        8, exemplar_blanked=log.ExemplarBlanked(vertical="orders", kind=log.BLANKED_KIND_REMOVED)
    ),
    "LogRecord/vector-blanked": record(
        9,
        exemplar_blanked=log.ExemplarBlanked(
            vertical="orders", kind=log.BLANKED_KIND_VECTOR_SET, encoder_id=ENCODER
        ),
    ),
    "LogRecord/purged": record(10, purged=log.Purged(blanked_seqs=[7, 8, 300], verticals=["orders"])),
    "PurgeRequest/ids": index.PurgeRequest(
        exemplar_ids=[BITS], dry_run=True, change_id=b"purge-1", author=b"ann", operation_id=b"op-9"
    ),
    "PurgeRequest/origin": index.PurgeRequest(origin=b"subject-4", vertical="orders"),
    "PurgeRequest/vertical": index.PurgeRequest(vertical="orders"),
    "PurgeReceipt/full": index.PurgeReceipt(
        position=POSITION, removed=2, blanked=3, feedback=4, more=True, behind=["retriever-2"]
    ),
    "LogRecord/key-set": record(11, key_set=KEY),
    "ReencodeRequest/encoder": index.ReencodeRequest(encoder_id=ENCODER),
    "ReencodeRequest/file": index.ReencodeRequest(path=b"/models/ours.gguf"),
    "ReencodeResponse/full": index.ReencodeResponse(
        done=640,
        total=1000,
        encoder_id=ENCODER,
        position=POSITION,
        switched=True,
        lapsed_policies=["*", "orders"],
        behind=["retriever-2"],
        graphs_due=4,
    ),
    "SnapshotRequest/rest": index.SnapshotRequest(
        position=POSITION, checksum=ENCODER, offset=2**20, names_only=True
    ),
    "SnapshotRequest/new": index.SnapshotRequest(make=True),
    "SnapshotResponse/first": index.SnapshotResponse(
        chunk=b"\x01\x02\x03", position=POSITION, size=2**33, checksum=ENCODER
    ),
    "SnapshotResponse/later": index.SnapshotResponse(chunk=b"\x04\x05", offset=2**20),
    "TrimRequest/full": index.TrimRequest(before_seq=200),
    "TrimResponse/full": index.TrimResponse(first_seq=198),
    "ExportRequest/full": index.ExportRequest(verticals=["orders"], vectors=True),
    "ExportResponse/full": index.ExportResponse(
        exemplars=[
            index.ExportedExemplar(
                exemplar_id=BITS,
                vertical="orders",
                text=TEXT,
                intent=b"delivery/late",
                origin=b"subject-4",
                vector=[0.6, -0.8],
                seq=299,
            )
        ],
        position=POSITION,
    ),
    "StatsRequest/empty": index.StatsRequest(),
    "StatsResponse/full": index.StatsResponse(
        position=POSITION,
        epoch=3,
        digest=OTHER_BITS,
        verticals=[index.VerticalStats(vertical="orders", exemplars=1000, intents=60)],
        log_bytes=2**33,
        feedback=10,
        feedback_confirmed=7,
        feedback_callers=9,
        followers=["retriever-1"],
        encoder_id=ENCODER,
        relabelled=17,
    ),
    "ListFeedbackRequest/full": index.ListFeedbackRequest(after=12),
    "ListFeedbackResponse/full": index.ListFeedbackResponse(feedback=[FEEDBACK]),
    "ListKeysRequest/empty": index.ListKeysRequest(),
    "ListKeysResponse/full": index.ListKeysResponse(keys=[KEY], position=POSITION),
    "HealthRequest/full": health.HealthRequest(service="switchboard.v1.Router"),
    "HealthResponse/full": health.HealthResponse(
        status=health.SERVING_STATUS_NOT_SERVING, reason="no retriever is attached".encode()
    ),
}

TIME = 1_700_000_000_000_000
SETTINGS = discovery.DiscoverySettings(
    method=discovery.DISCOVERY_METHOD_DIAL_IN,
    judge=discovery.JUDGE_KIND_BOTH,
    cut=discovery.DISCOVERY_CUT_FINER,
    neighbours=20,
    good_probability=0.75,
    unassigned_share=0.0,
    rounds=7,
    samples=12,
    sampling=discovery.DISCOVERY_SAMPLING_EXTREME,
    base_method=discovery.DISCOVERY_BASE_LEIDEN,
    minimum_size=3,
    clusters=40,
    tuned=True,
    keyword_names=True,
    seed=0,
)
PROGRESS = discovery.RunProgress(
    phase=discovery.RUN_PHASE_JUDGING,
    fraction=0.5,
    seconds_left=0.0,
    effort=discovery.RunEffort(llm_calls=40, llm_tokens=5000, llm_seconds=12.5, seconds=90.25),
    note=b"40 of 80 clusters",
)
SUMMARY = discovery.RunSummary(
    run_id=BITS,
    pool="file-1",
    verticals=["orders"],
    settings=SETTINGS,
    started_us=TIME,
    progress=PROGRESS,
    utterances=1000,
    proposals=30,
    unclear=4,
    cuts=[
        discovery.CutSummary(
            vertical="orders",
            role=common.ROLE_AGENT,
            cut=discovery.DISCOVERY_CUT_COARSER,
            clusters=20,
            resolution=0.5,
            silhouette=-0.125,
        )
    ],
    largest_share=0.125,
    largest_merged_share=0.0625,
)


def proposal(state, continuity, relation):
    return discovery.Proposal(
        proposal_id=OTHER_BITS,
        run_id=BITS,
        vertical="orders",
        role=common.ROLE_CALLER,
        name=b"track-parcel",
        name_source=discovery.NAME_SOURCE_KEYWORDS,
        keywords=[b"parcel", "Päckchen".encode()],
        members=[
            discovery.ProposalMember(text=TEXT, calls=3, conversations=2, centrality=0.875, origin=b"subject-4")
        ],
        judgement=discovery.ClusterJudgement(probability=0.75, low=0.5, high=1.0, good=True),
        relation=relation,
        continuity=continuity,
        state=state,
        role_of_name=True,
    )


NEW = discovery.TaxonomyRelation(kind=discovery.RELATION_KIND_NEW)
PROPOSAL = proposal(
    discovery.ReviewState(kind=discovery.REVIEW_STATE_KIND_OPEN),
    discovery.ProposalContinuity(kind=discovery.CONTINUITY_KIND_NEW),
    discovery.TaxonomyRelation(kind=discovery.RELATION_KIND_SPLIT, intent=b"delivery/late", share=0.5),
)
ACCEPT = discovery.ReviewAction(
    kind=discovery.REVIEW_ACTION_KIND_ACCEPT,
    path=b"delivery/late",
    vertical="orders",
    texts=[TEXT],
    attributes=[common.Attribute(key=b"queue", value=b"parcels")],
)


def entry(action, position=None):
    return discovery.ReviewEntry(
        proposal_id=OTHER_BITS, operation_id=BITS, action=action, reviewer=b"ann", time_us=TIME, position=position
    )


GOLDEN |= {
    "DiscoveryAddRequest/full": discovery.DiscoveryAddRequest(
        entries=[
            discovery.PoolEntry(
                request_id=b"r-1",
                text=TEXT,
                vertical="orders",
                role=common.ROLE_CALLER,
                conversation_id=b"c-17",
                origin=b"subject-4",
                reason=discovery.POOL_REASON_CORRECTED,
                time_us=TIME,
            ),
            discovery.PoolEntry(text=TEXT, vertical="devices", reason=discovery.POOL_REASON_FILE, time_us=-1),
        ],
        pool="file-1",
    ),
    "DiscoveryAddResponse/full": discovery.DiscoveryAddResponse(added=2, repeated=1),
    "DiscoveryStartRequest/full": discovery.DiscoveryStartRequest(
        pool="file-1", verticals=["orders"], settings=SETTINGS, dry_run=True
    ),
    "DiscoveryStartResponse/full": discovery.DiscoveryStartResponse(run_id=BITS),
    "DiscoveryCancelRequest/full": discovery.DiscoveryCancelRequest(run_id=BITS),
    "DiscoveryCancelResponse/empty": discovery.DiscoveryCancelResponse(),
    "DiscoveryWatchRequest/full": discovery.DiscoveryWatchRequest(run_id=BITS),
    "DiscoveryWatchRequest/latest": discovery.DiscoveryWatchRequest(),
    "DiscoveryWatchResponse/full": discovery.DiscoveryWatchResponse(run_id=BITS, progress=PROGRESS),
    "DiscoveryListRequest/full": discovery.DiscoveryListRequest(
        run_id=BITS, hidden=True, verticals=["orders"], limit=20, after=300
    ),
    "DiscoveryListResponse/full": discovery.DiscoveryListResponse(
        proposals=[discovery.ListedProposal(proposal=PROPOSAL, size=40, calls=70, conversations=60)],
        runs=[SUMMARY],
        more=True,
    ),
    "DiscoveryShowRequest/full": discovery.DiscoveryShowRequest(
        proposal_id=OTHER_BITS, run_id=BITS, trajectories=True, limit=20, after=300
    ),
    "DiscoveryShowResponse/full": discovery.DiscoveryShowResponse(
        proposal=PROPOSAL,
        history=[
            entry(ACCEPT, POSITION),
            entry(discovery.ReviewAction(kind=discovery.REVIEW_ACTION_KIND_REJECT)),
            entry(discovery.ReviewAction(kind=discovery.REVIEW_ACTION_KIND_RENAME, name=b"track-parcel")),
            entry(discovery.ReviewAction(kind=discovery.REVIEW_ACTION_KIND_MERGE, into=BITS)),
            entry(discovery.ReviewAction(kind=discovery.REVIEW_ACTION_KIND_SPLIT)),
            entry(discovery.ReviewAction(kind=discovery.REVIEW_ACTION_KIND_UNDO)),
        ],
        trajectories=[
            discovery.TrajectoryCount(
                vertical="orders",
                steps=[
                    discovery.TrajectoryStep(proposal_id=OTHER_BITS, role=common.ROLE_CALLER, name=b"track-parcel"),
                    discovery.TrajectoryStep(proposal_id=BITS, role=common.ROLE_AGENT, name=b"answer-time"),
                ],
                conversations=12,
            )
        ],
        size=40,
        calls=70,
        conversations=60,
        begun=entry(ACCEPT),
    ),
    "DiscoveryReviewRequest/full": discovery.DiscoveryReviewRequest(
        proposal_id=OTHER_BITS, action=ACCEPT, operation_id=BITS, author=b"ann"
    ),
    "DiscoveryReviewResponse/full": discovery.DiscoveryReviewResponse(
        proposal=proposal(
            discovery.ReviewState(
                kind=discovery.REVIEW_STATE_KIND_ACCEPTED, path=b"delivery/late", change_id=BITS, position=POSITION
            ),
            discovery.ProposalContinuity(kind=discovery.CONTINUITY_KIND_KEPT),
            NEW,
        ),
        receipt=POSITION,
        others=[
            proposal(
                discovery.ReviewState(kind=discovery.REVIEW_STATE_KIND_REJECTED, size=40),
                discovery.ProposalContinuity(kind=discovery.CONTINUITY_KIND_SPLIT, **{"from": [BITS]}),
                discovery.TaxonomyRelation(kind=discovery.RELATION_KIND_VARIANT, intent=b"delivery", share=0.25),
            ),
            proposal(
                discovery.ReviewState(kind=discovery.REVIEW_STATE_KIND_MERGED, into=[BITS]),
                discovery.ProposalContinuity(kind=discovery.CONTINUITY_KIND_MERGED, **{"from": [BITS, OTHER_BITS]}),
                NEW,
            ),
            proposal(
                discovery.ReviewState(kind=discovery.REVIEW_STATE_KIND_SPLIT, into=[BITS, OTHER_BITS]),
                discovery.ProposalContinuity(kind=discovery.CONTINUITY_KIND_GONE),
                NEW,
            ),
        ],
    ),
    "DiscoveryPurgeRequest/ids": discovery.DiscoveryPurgeRequest(exemplar_ids=[BITS], dry_run=True),
    "DiscoveryPurgeRequest/origin": discovery.DiscoveryPurgeRequest(origin=b"subject-4", vertical="orders"),
    "DiscoveryPurgeResponse/full": discovery.DiscoveryPurgeResponse(entries=7, proposals=2),
}

with open(HERE / "golden.txt", "w", encoding="ascii") as out:
    for name, message in GOLDEN.items():
        out.write(f"{name} {message.SerializeToString(deterministic=True).hex()}\n")
print(f"{len(GOLDEN)} messages written to {HERE / 'golden.txt'}")
