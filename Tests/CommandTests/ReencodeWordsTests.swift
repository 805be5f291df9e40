import Core
import Foundation
import Testing
import Wire

@testable import switchboard

struct ReencodeWordsTests {
    private func response(switched: Bool, lapsed: [String] = [], behind: [String] = []) throws -> ReencodeResponse {
        ReencodeResponse(
            done: 1_200,
            total: 1_200,
            encoder: try #require(ModelID(bytes: [UInt8](repeating: 0xAB, count: ModelID.byteCount))),
            position: LogPosition(log: Bits128(7), sequence: LogSequence(2_401)),
            isSwitched: switched,
            lapsedPolicies: lapsed,
            behind: behind
        )
    }

    @Test func saysWhatServesNowAndWhatHoldsNoMore() throws {
        let words = IndexReencodeCommand.Report(
            try response(switched: true, lapsed: ["*", "shop"], behind: ["b/retriever"])
        ).words
        #expect(words.contains("1,200 exemplars switched to encoder abababababab as of record 2,401"))
        #expect(words.contains("b/retriever has not applied it yet"))
        #expect(words.contains("(*, shop)"))
        #expect(words.contains("switchboard calibrate --llm auto"))
    }

    @Test func saysWhereNothingWasToBeDone() throws {
        let report = IndexReencodeCommand.Report(try response(switched: false))
        #expect(report.words.contains("already"))
        #expect(!report.words.contains("\n"))
    }

    @Test func aReportHasTheNamesOfTheContract() throws {
        let line = try JSONLine.encode(IndexReencodeCommand.Report(try response(switched: true)))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == ["encoder", "exemplars", "switched", "log_id", "seq", "lapsed_policies", "behind"]
        )
        #expect(object["seq"] as? Int == 2_401)
    }

    @Test func drawsHowFarItIs() throws {
        let encoder = try #require(ModelID(bytes: [UInt8](repeating: 1, count: ModelID.byteCount)))
        let text = IndexReencodeCommand.progress(ReencodeResponse(done: 300, total: 1_200, encoder: encoder))
        #expect(text == "[######..................]  25 %  300 of 1,200 exemplars")
        let late = ReencodeResponse(done: 1_200, total: 1_200, encoder: encoder, graphsDue: 2)
        #expect(IndexReencodeCommand.progress(late).hasSuffix("1,200 of 1,200 exemplars, 2 graphs to build"))
    }

    @Test(arguments: [("/models/own.gguf", "/models/own.gguf"), ("/models/../own.gguf", "/own.gguf")])
    func namesTheFileFromTheRootOn(written: String, whole: String) {
        #expect(IndexReencodeCommand.wholePath(of: written) == whole)
    }

    @Test func aFileOfThisFolderIsNamedFromTheRootOn() {
        let whole = IndexReencodeCommand.wholePath(of: "own.gguf")
        #expect(whole.hasPrefix("/") && whole.hasSuffix("/own.gguf"))
    }
}
