import Core
import Testing

@testable import Index

@Suite struct VectorKernelTests {
    @Test(arguments: VectorKernels.InstructionSet.allCases.filter(\.isAvailable))
    func agreeWithPlainArithmetic(instructions: VectorKernels.InstructionSet) {
        var random = SeededGenerator(seed: 11)
        for dimension in [1, 3, 7, 8, 15, 16, 17, 31, 64, 65, 100, 384, 1_000] {
            let left = (0..<dimension).map { _ in random.nearlyNormal() }
            let right = (0..<dimension).map { _ in random.nearlyNormal() }
            let exact = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let magnitude = zip(left, right).reduce(0.0) { $0 + abs(Double($1.0) * Double($1.1)) }
            let dot = VectorKernels.dot(left, right, on: instructions)
            #expect(abs(Double(dot) - exact) <= magnitude * 1e-6)
        }
    }

    @Test(arguments: VectorKernels.InstructionSet.allCases.filter(\.isAvailable))
    func multiplyCodesExactly(instructions: VectorKernels.InstructionSet) {
        var random = SeededGenerator(seed: 12)
        for count in [32, 64, 96, 384, 512] {
            let codes = (0..<count).map { _ in Int8.random(in: -127...127, using: &random) }
            let query = (0..<count).map { _ in Int16.random(in: -32_767...32_767, using: &random) }
            let exact = zip(codes, query).reduce(0) { $0 + Int($1.0) * Int($1.1) }
            #expect(VectorKernels.dot(codes: codes, query: query, on: instructions) == Int32(exact))
        }
        // The largest sum that 384 components can reach.
        let most = VectorKernels.dot(
            codes: Array(repeating: -127, count: 384),
            query: Array(repeating: 32_767, count: 384),
            on: instructions,
        )
        #expect(Int(most) == -127 * 32_767 * 384)
    }

    @Test(arguments: VectorKernels.InstructionSet.allCases.filter(\.isAvailable))
    func multiplyManyRowsToTheBit(instructions: VectorKernels.InstructionSet) {
        var random = SeededGenerator(seed: 13)
        for dimension in [1, 7, 8, 17, 32, 33, 40, 64, 65, 129, 384] {
            // Whole tiles and edges of them on both sides.
            let left = (0..<11).map { _ in (0..<dimension).map { _ in random.nearlyNormal() } }
            let right = (0..<14).map { _ in (0..<dimension).map { _ in random.nearlyNormal() } }
            let products = VectorKernels.dots(
                left.flatMap(\.self),
                right.flatMap(\.self),
                dimension: dimension,
                on: instructions,
            )
            let single = left.flatMap { row in right.map { VectorKernels.dot(row, $0, on: instructions) } }
            #expect(products == single)
        }
    }

    @Test func chooseTheWidestThatThereIs() {
        let available = VectorKernels.InstructionSet.allCases.filter(\.isAvailable)
        #expect(available.first == .portable)
        #expect(VectorKernels.used == available.last)
        let vector: [Float] = (0..<100).map { Float($0) / 7 }
        #expect(VectorKernels.dot(vector, vector) == VectorKernels.dot(vector, vector, on: VectorKernels.used))
    }

    @Test func readsMemoryThrough() throws {
        let bandwidth = try #require(VectorKernels.readBandwidth(bytes: 1 << 20, passes: 3))
        #expect(bandwidth > 0)
    }
}
