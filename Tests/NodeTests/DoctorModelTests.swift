import Foundation
import Node
import SwitchboardClient
import Testing

/// What the doctor says of the installed models.
@Suite(.timeLimit(.minutes(5))) struct DoctorModelTests {
    @Test func namesAnEncoderAsTheIndexDoes() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let statistics = try await fixture.client.statistics()
        let encoder = try #require(statistics.encoder)
        var configuration = NodeFixture.configuration(fixture.folder)
        configuration.roles = [.retriever]
        var checks: [DoctorCheck] = []
        ModelChecks(configuration, table: nil).run(measuresSpeed: false) { checks.append($0) }
        let check = try #require(checks.first { $0.name == "encoder" })
        #expect(check.detail.contains("id \(encoder.prefix(12)), SHA-256 "), "\(check.detail)")
        await fixture.stop()
    }
}
