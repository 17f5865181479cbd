/// The word of `words` that somebody who typed `typed` most likely meant, or nothing when none is near.
///
/// Near is a word that `typed` begins (at least three letters of it), or one that a slip or two a few letters turn into
/// it: a letter missing, too much, changed, or two swapped.
func nearest(to typed: String, of words: [String]) -> String? {
    let typed = typed.lowercased()
    let allowed = max(1, typed.utf8.count / 4)
    let near = words.map { (word: $0, slips: slips(Array(typed.utf8), Array($0.utf8))) }.min { $0.slips < $1.slips }
    if let near, near.slips <= allowed { return near.word }
    return typed.utf8.drop { $0 == UInt8(ascii: "-") }.count >= 3 ? words.first { $0.hasPrefix(typed) } : nil
}

/// How many letters were left out, added, changed or swapped with their neighbour between two words.
private func slips(_ a: [UInt8], _ b: [UInt8]) -> Int {
    // Command lines are short; a longer "word" is no slip of one of ours, and the table below grows with both lengths.
    guard a.count <= 64 else { return .max }
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            row.append(cost)
        }
        (before, previous) = (previous, row)
    }
    return previous[b.count]
}
