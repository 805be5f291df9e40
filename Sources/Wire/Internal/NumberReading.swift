internal import CProtobufC
internal import Core

/// How fields that are numbers, lists or messages are read. Each takes the field's name for the error.
enum Read {
    /// A finite number; negative zero becomes zero, so that equal numbers have equal bits.
    static func finite(_ value: Double, _ field: String) throws(FieldError) -> Double {
        guard value.isFinite else { throw FieldError(field, "it is not a finite number") }
        return value + 0
    }

    static func share(_ value: Double, _ field: String) throws(FieldError) -> Double {
        guard (0...1).contains(value) else { throw FieldError(field, "it is not within 0 and 1") }
        return value + 0
    }

    static func notNegative(_ value: Double, _ field: String) throws(FieldError) -> Double {
        guard value.isFinite, value >= 0 else { throw FieldError(field, "it is not a finite number of 0 or above") }
        return value + 0
    }

    static func positive(_ value: Double, _ field: String) throws(FieldError) -> Double {
        guard value.isFinite, value > 0 else { throw FieldError(field, "it is not a finite number above 0") }
        return value
    }

    /// Nil for zero, which stands for "not calibrated".
    static func optionalPositive(_ value: Double, _ field: String) throws(FieldError) -> Double? {
        value == 0 ? nil : try positive(value, field)
    }

    /// A number of things that fits every use of `Int`.
    static func count(_ value: UInt64, _ field: String) throws(FieldError) -> Int {
        guard let number = Int(exactly: value) else { throw FieldError(field, "it is larger than \(Int.max)") }
        return number
    }

    static func count(_ value: UInt32, _ field: String, atMost limit: UInt32) throws(FieldError) -> Int {
        guard value <= limit else { throw FieldError(field, "it is \(value); at most \(limit) is accepted") }
        return Int(value)
    }

    /// A time in microseconds; what is longer than a century counts as one.
    static func duration(_ microseconds: UInt64) -> Duration {
        .microseconds(Int64(min(microseconds, 100 * 366 * 86_400 * 1_000_000)))
    }

    /// Nil for zero, which stands for "not said".
    static func optionalDuration(_ microseconds: UInt64) -> Duration? {
        microseconds == 0 ? nil : duration(microseconds)
    }

    static func optionalSequence(_ number: UInt64) -> LogSequence? {
        number == 0 ? nil : LogSequence(number)
    }

    static func intentID(_ number: UInt64, _ field: String) throws(FieldError) -> IntentID {
        guard number != 0 else { throw FieldError(field, "an intent id is needed") }
        return IntentID(number)
    }

    /// Finite numbers, as many as there are.
    static func vector(_ start: UnsafeMutablePointer<Float>?, _ count: Int, _ field: String) throws(FieldError)
        -> [Float]
    {
        let numbers = UnsafeBufferPointer(start: start, count: count)
        // Zero times a finite number is zero, times anything else it is NaN; the sum needs no branch a number.
        var sum: Float = 0
        for number in numbers { sum += number * 0 }
        guard sum == 0 else {
            let place = numbers.firstIndex { !$0.isFinite } ?? 0
            throw FieldError("\(field)[\(place)]", "it is not a finite number")
        }
        return Array(numbers)
    }
}
