/// A LoRA adapter in GGUF (version 3), made in a test: rank 1, for the first layer's queries.
struct AdapterFile {
    var architecture = "llama"
    /// Numbers in a row of the model that it is for.
    var width = 576
    /// How much it changes.
    var strength: Float = 0.5
    /// What it says that it was trained for; nil: nothing.
    var purpose: String?

    var bytes: [UInt8] {
        var file: [UInt8] = Array("GGUF".utf8)
        func append<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { file.append(contentsOf: $0) }
        }
        func append(_ text: String) {
            append(UInt64(text.utf8.count))
            file.append(contentsOf: text.utf8)
        }
        append(UInt32(3))
        append(UInt64(2))  // tensors
        let words =
            [("general.type", "adapter"), ("general.architecture", architecture), ("adapter.type", "lora")]
            + (purpose.map { [("switchboard.prompt", $0)] } ?? [])
        append(UInt64(words.count + 1))  // keys
        for (key, value) in words {
            append(key)
            append(UInt32(8))  // a string
            append(value)
        }
        append("adapter.lora.alpha")
        append(UInt32(6))  // a float
        append(Float(1).bitPattern)

        let dimensions = [("blk.0.attn_q.weight.lora_a", [width, 1]), ("blk.0.attn_q.weight.lora_b", [1, width])]
        var offset = 0
        for (name, sizes) in dimensions {
            append(name)
            append(UInt32(sizes.count))
            for size in sizes { append(UInt64(size)) }
            append(UInt32(0))  // F32
            append(UInt64(offset))
            offset += (width * 4 + 31) / 32 * 32
        }
        func pad() {
            while file.count % 32 != 0 { file.append(0) }
        }
        for _ in dimensions {
            pad()
            for place in 0..<width { append((strength * (place % 2 == 0 ? 1 : -1)).bitPattern) }
        }
        pad()
        return file
    }
}
