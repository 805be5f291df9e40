/// Elements in the order they came, taken from the front at constant cost.
struct FirstInFirstOut<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer { dropFirst() }
        return elements[head]
    }

    mutating func dropFirst() {
        head += 1
        if head >= 32, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
    }

    mutating func removeAll(where isGone: (Element) -> Bool) {
        elements = elements[head...].filter { !isGone($0) }
        head = 0
    }
}
