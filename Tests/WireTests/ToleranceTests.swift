import Core
import Testing

@testable import Wire

/// What the contract lets senders leave out or write in another way.
@Suite struct ToleranceTests {
    @Test func zeroMeansTheDefault() throws {
        let encode = try EncodeRequest(decoding: RawMessage { $0.text(1, "hello") }.bytes)
        #expect(encode.priority == .live)
        let append = try AppendRequest(decoding: RawMessage { $0.text(1, "op") }.bytes)
        #expect(
            append == AppendRequest(batch: AppendBatch(operation: [0x6F, 0x70], source: "", author: "", commands: []))
        )
        let classify = try ClassifyRequest(decoding: RawMessage { $0.text(1, "hello") }.bytes)
        #expect(classify == ClassifyRequest(text: try UtteranceText("hello")))
    }

    @Test func aRunWithoutSettingsHasTheDefaults() throws {
        let bare = try DiscoveryStartRequest(decoding: [UInt8]())
        #expect(bare == DiscoveryStartRequest())
        #expect(try DiscoveryStartRequest(decoding: RawMessage { $0.message(3) { _ in } }.bytes) == bare)
        let list = try DiscoveryListRequest(decoding: [UInt8]())
        #expect(list.limit == DiscoveryListRequest.defaultLimit && list.run == nil)
    }

    @Test func commandsWithoutAVerticalAreOfTheDefaultOne() throws {
        let request = try AppendRequest(
            decoding: RawMessage {
                $0.text(1, "op")
                $0.message(9) {
                    $0.message(1) {
                        $0.text(2, "  hello   there ")
                        $0.text(3, "a/b")
                    }
                }
                $0.message(9) { $0.message(2) { $0.text(2, "hello there") } }
                $0.message(9) { $0.message(3) { $0.text(2, "a") } }
            }.bytes
        )
        let text = try UtteranceText("hello there")
        #expect(
            request.batch.commands == [
                .upsert(UpsertCommand(vertical: .default, text: text, path: try IntentPath("a/b"))),
                .remove(RemoveCommand(vertical: .default, exemplar: ExemplarID(vertical: .default, text: text))),
                .setIntent(SetIntentCommand(vertical: .default, path: try IntentPath("a"))),
            ]
        )
    }

    @Test func textIsNormalisedOnTheWayIn() throws {
        let request = try ClassifyRequest(decoding: RawMessage { $0.text(1, "\tcafe\u{301}\n  to go\u{7}") }.bytes)
        #expect(Array(request.text.value.utf8) == Array("caf\u{E9} to go".utf8))
    }

    @Test func fieldsOfANewerClientAreIgnored() throws {
        let request = try ClassifyRequest(
            decoding: RawMessage {
                $0.text(1, "hello")
                $0.text(900, "whatever comes later")
                $0.number(901, 5)
            }.bytes
        )
        #expect(request == ClassifyRequest(text: try UtteranceText("hello")))
    }

    @Test func anUnknownOutcomeCountsAsUnknown() throws {
        let reply = ClassifyResponse(
            replyID: Bits128(1),
            text: "hello",
            outcome: .route,
            decidedBy: .retrieval,
            position: LogPosition(log: Bits128(1), sequence: .start)
        )
        var newer = RawMessage()
        newer.number(3, 77)
        // Of a field that comes twice the last counts.
        #expect(try ClassifyResponse(decoding: reply.encoded() + newer.bytes).outcome == .unknown)
    }

    @Test func anUnknownStatusEndsTheCallAllTheSame() throws {
        let header = try Header(
            decoding: RawMessage {
                $0.number(1, 1)
                $0.number(2, 4)
                $0.number(3, 8)
                $0.message(7) {
                    $0.number(1, 99)
                    $0.bytes(2, [0x61, 0xFF])
                }
            }.bytes
        )
        #expect(header.status == Status(code: .unknown, message: "a\u{FFFD}"))
    }

    @Test func aRefusedHeaderStillTellsItsCall() throws {
        let newer = RawMessage {
            $0.number(1, 2)
            $0.number(2, 1)
            $0.number(3, 4_711)
        }
        #expect(newer.bytes.withUnsafeBytes { Header.callID(ofRefused: $0) } == 4_711)
        let truncated = newer.bytes.dropLast()
        #expect(Array(truncated).withUnsafeBytes { Header.callID(ofRefused: $0) } == nil)
    }

    @Test func aCallIDIsSoughtAmongTheFirstFieldsOnly() {
        func callID(_ build: (inout RawMessage) -> Void) -> UInt64? {
            RawMessage(build).bytes.withUnsafeBytes { Header.callID(ofRefused: $0) }
        }
        let behindOthers = callID {
            $0.text(4, "a method")
            $0.double(9, 1)
            $0.bytes(8, [UInt8](repeating: 0xFF, count: 100_000))
            $0.number(3, .max)
        }
        #expect(behindOthers == UInt64.max)
        let behindATextOfItsNumber = callID {
            $0.text(3, "7")
            $0.number(3, 8)
        }
        #expect(behindATextOfItsNumber == 8)
        let behindALengthBeyondTheEnd = callID {
            $0.varint(4 << 3 | 2)
            $0.varint(.max)
            $0.number(3, 8)
        }
        #expect(behindALengthBeyondTheEnd == nil)
        let places = [0, 15, 16].map { before in
            callID { message in
                for _ in 0..<before { message.number(6, 1) }
                message.number(3, 9)
            }
        }
        #expect(places == [9, 9, nil])
    }

    @Test func aHeaderHasABoundOfItsOwn() throws {
        let metadata = [Metadata](repeating: Metadata(key: "k", value: [UInt8](repeating: 1, count: 8_000)), count: 8)
        let fits = Header(kind: .call, callID: 1, metadata: metadata).encoded()
        #expect(try Header(decoding: fits).metadata == metadata)
        let filler = [UInt8](repeating: 0, count: Limits.maximumHeaderBytes)
        let long = RawMessage {
            $0.number(1, 1)
            $0.number(2, 1)
            $0.bytes(100, filler)
        }
        let error = #expect(throws: SwitchboardError.self) { try Header(decoding: long.bytes) }
        #expect(error?.code == .invalidArgument)
    }

    @Test func aStatusSaysAsMuchAsFits() throws {
        // Three bytes each, so the bound is inside one of them.
        let message = String(repeating: "\u{20AC}", count: 100_000)
        let reply = Header(kind: .reply, callID: 1, status: Status(code: .internal, message: message))
        let back = try Header(decoding: reply.encoded()).status
        #expect(back?.message == String(repeating: "\u{20AC}", count: Limits.maximumTextBytes / 3))
        #expect(try Header(decoding: Header(kind: .reply, callID: 1, status: back).encoded()).status == back)
    }

    @Test func negativeZeroBecomesZero() throws {
        let reply = try ScoreResponse(
            decoding: RawMessage {
                $0.double(1, -0.0)
                $0.bytes(4, [UInt8](repeating: 1, count: 32))
                $0.bytes(6, [UInt8](repeating: 1, count: 32))
            }.bytes
        )
        #expect(reply.logprobs.map(\.bitPattern) == [0])
    }
}
