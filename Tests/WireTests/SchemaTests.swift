import CProtobufC
import Core
import Foundation
import SwitchboardProtos
import Testing

@testable import Wire

/// The messages and enumerations as protoc-c made them, held against the rules of this project.
@Suite struct SchemaTests {
    typealias Descriptor = UnsafePointer<ProtobufCMessageDescriptor>

    /// protobuf-c unpacks nested messages by recursion without a limit, so that no message may hold itself.
    @Test func noMessageHoldsItself() throws {
        var finished: Set<String> = []
        func visit(_ descriptor: Descriptor, below: [String]) {
            let name = String(cString: descriptor.pointee.name)
            guard !below.contains(name) else {
                Issue.record("\((below + [name]).joined(separator: " holds "))")
                return
            }
            guard finished.insert(name).inserted else { return }
            for part in Self.parts(of: descriptor) { visit(part, below: below + [name]) }
        }
        for descriptor in Self.roots { visit(descriptor, below: []) }
        #expect(finished == (try Self.messagesInProtos()), "a message that no service uses is not checked")
    }

    @Test(arguments: MessageKind.all)
    func namesAreThoseOfTheSchema(kind: MessageKind) {
        #expect(kind.name == kind.schemaName)
    }

    @Test func statusCodesHaveTheNumbersOfTheSchema() {
        let numbers = Self.numbers(of: switchboard__v1__status_code__descriptor)
        let codes = StatusCode.allCases.map { ("STATUS_CODE_\($0)", Int($0.rawValue)) }
        #expect(numbers == Dictionary(uniqueKeysWithValues: codes))
    }

    @Test func everyEnumerationIsWhole() {
        Self.check(FrameKind.self, switchboard__v1__frame_kind__descriptor)
        Self.check(LLMMode.self, switchboard__v1__llm_mode__descriptor)
        Self.check(Role.self, switchboard__v1__role__descriptor)
        Self.check(Outcome.self, switchboard__v1__outcome__descriptor)
        Self.check(DecidedBy.self, switchboard__v1__decided_by__descriptor)
        Self.check(FeedbackSource.self, switchboard__v1__feedback_source__descriptor)
        Self.check(Priority.self, switchboard__v1__priority__descriptor)
        Self.check(ConflictRule.self, switchboard__v1__on_conflict__descriptor)
        Self.check(Wait.self, switchboard__v1__wait__descriptor)
        Self.check(ServingStatus.self, switchboard__v1__serving_status__descriptor)
        Self.check(PoolReason.self, switchboard__v1__pool_reason__descriptor)
        Self.check(DiscoverySettings.Method.self, switchboard__v1__discovery_method__descriptor)
        Self.check(DiscoverySettings.JudgeKind.self, switchboard__v1__judge_kind__descriptor)
        Self.check(DiscoverySettings.Cut.self, switchboard__v1__discovery_cut__descriptor)
        Self.check(DiscoverySettings.Base.self, switchboard__v1__discovery_base__descriptor)
        Self.check(DiscoverySettings.Sampling.self, switchboard__v1__discovery_sampling__descriptor)
        Self.check(RunProgress.Phase.self, switchboard__v1__run_phase__descriptor)
        Self.check(ProposalName.Source.self, switchboard__v1__name_source__descriptor)
    }

    /// Each case has a number of its own, no value of the schema lacks a case, and their names agree.
    private static func check<Value: WireEnum>(_ type: Value.Type, _ descriptor: ProtobufCEnumDescriptor) {
        let numbers = numbers(of: descriptor).filter { $0.value != 0 }
        #expect(Set(Value.allCases.map { Int($0.number.rawValue) }) == Set(numbers.values), "\(type)")
        #expect(Value.allCases.count == numbers.count, "\(type)")
        for value in Value.allCases {
            let name = numbers.first { $0.value == Int(value.number.rawValue) }?.key ?? ""
            let spelled = "\(value)".map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
            #expect(name.hasSuffix("_" + spelled), "\(type).\(value) has the number of \(name)")
        }
    }

    private static func numbers(of descriptor: ProtobufCEnumDescriptor) -> [String: Int] {
        let values = UnsafeBufferPointer(start: descriptor.values, count: Int(descriptor.n_values))
        return Dictionary(uniqueKeysWithValues: values.map { (String(cString: $0.name), Int($0.value)) })
    }

    private static var roots: [Descriptor] {
        let services = [
            switchboard__v1__router__descriptor, switchboard__v1__retriever__descriptor,
            switchboard__v1__scorer__descriptor, switchboard__v1__worker__descriptor,
            switchboard__v1__index__descriptor, switchboard__v1__discovery__descriptor,
            switchboard__v1__health__descriptor,
        ]
        let methods = services.flatMap { UnsafeBufferPointer(start: $0.methods, count: Int($0.n_methods)) }
        return methods.flatMap { [$0.input, $0.output] } + [Header.descriptor]
    }

    private static func parts(of descriptor: Descriptor) -> [Descriptor] {
        UnsafeBufferPointer(start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
            .filter { $0.type == PROTOBUF_C_TYPE_MESSAGE }
            .map { $0.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self) }
    }

    private static func messagesInProtos() throws -> Set<String> {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Protos/switchboard/v1")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var names: Set<String> = []
        for file in files where file.pathExtension == "proto" {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.first == "message", words.count > 1 { names.insert("switchboard.v1.\(words[1])") }
            }
        }
        return names
    }
}
