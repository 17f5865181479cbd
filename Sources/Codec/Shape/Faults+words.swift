/// The faults that kinds of ours note. One place, so that the same thing is always said in the same words.
extension Fault {
    static let missing = Fault("missing", "Field required")
    static let unknownField = Fault("extra_forbidden", "Extra inputs are not permitted")
    @usableFromInline static let duplicateField = Fault("duplicate_field", "Field given more than once")
    @usableFromInline static let noObject = Fault("model_type", "Input should be an object")
    @usableFromInline static let noMap = Fault("dict_type", "Input should be a valid dictionary")
    @usableFromInline static let noList = Fault("list_type", "Input should be a valid list")
    static let noString = Fault("string_type", "Input should be a valid string")
    @usableFromInline static let hasNUL = Fault("string_nul", "String should not contain NUL")
    @usableFromInline static let tooManyMarks = Fault(
        "string_combining_marks", "String should have at most \(CombiningMarks.most) combining marks in a row",
        [.init("max_marks", .integer(CombiningMarks.most))])
    static let noInt = Fault("int_type", "Input should be a valid integer")
    static let notWhole = Fault("int_from_float", "Input should be a valid integer, got a number with a fractional part")
    static let notIntText = Fault("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
    static let noNumber = Fault("float_type", "Input should be a valid number")
    static let notNumberText = Fault("float_parsing", "Input should be a valid number, unable to parse string as a number")
    static let notFinite = Fault("finite_number", "Input should be a finite number")
    static let noBool = Fault("bool_type", "Input should be a valid boolean")
    static let notBoolText = Fault("bool_parsing", "Input should be a valid boolean, unable to interpret input")
    static let noUUIDString = Fault("uuid_type", "UUID input should be a string")
    static let notUUID = Fault("uuid_parsing", "Input should be a valid UUID")
    static let noTimeString = Fault("datetime_type", "Input should be a valid datetime")
    static let notTime = Fault("datetime_parsing", "Input should be a valid datetime with an offset")
    static let noText = Fault("text_unsupported", "Input cannot be given as text")

    static func tooShort(_ least: Int) -> Fault {
        Fault("string_too_short", "String should have at least \(count(least, "character"))", [.init("min_length", .integer(least))])
    }

    static func tooLong(_ most: Int) -> Fault {
        Fault("string_too_long", "String should have at most \(count(most, "character"))", [.init("max_length", .integer(most))])
    }

    static func tooSmall(_ least: Int) -> Fault {
        Fault("greater_than_equal", "Input should be greater than or equal to \(least)", [.init("ge", .integer(least))])
    }

    static func tooLarge(_ most: Int) -> Fault {
        Fault("less_than_equal", "Input should be less than or equal to \(most)", [.init("le", .integer(most))])
    }

    @usableFromInline static func tooMany(_ most: Int, got actual: Int, _ holder: String) -> Fault {
        Fault(
            "too_long", "\(holder) should have at most \(count(most, "item")) after validation, not \(actual)",
            [.init("field_type", .text(holder)), .init("max_length", .integer(most)), .init("actual_length", .integer(actual))])
    }

    /// `Input should be 'low', 'medium' or 'high'`
    @usableFromInline static func noWord(of words: [String]) -> Fault {
        let quoted = words.map { "'\($0)'" }
        let expected = quoted.count < 2 ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + quoted[quoted.count - 1]
        return Fault("enum", "Input should be \(expected)", [.init("expected", .text(expected))])
    }

    private static func count(_ number: Int, _ noun: String) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }
}
