import Core
import Testing

@testable import Evaluating

struct EvalLoaderTests {
    private func pair(_ dimension: Int) throws -> LogCommand {
        .upsert(
            UpsertCommand(
                vertical: .default,
                text: try UtteranceText("where is my parcel"),
                path: try IntentPath("delivery"),
                vector: [Float](repeating: 0, count: dimension)
            )
        )
    }

    @Test(arguments: [0, 16, 384]) func batchesOfUsualVectorsAreEquallyLong(dimension: Int) throws {
        #expect(EvalLoader.pairsPerBatch(vectorsAs: try pair(dimension)) == 250)
        #expect(EvalLoader.pairsPerBatch(vectorsAs: nil) == 250)
    }

    @Test(arguments: [1_024, 4_096]) func wideVectorsAndLongTextsFitABatch(dimension: Int) throws {
        let pairs = EvalLoader.pairsPerBatch(vectorsAs: try pair(dimension))
        #expect(pairs > 50)
        // A text has 8 KiB at most.
        #expect(pairs * (4 * dimension + 8 * 1024) < AppendBatch.maximumBytes)
    }
}
