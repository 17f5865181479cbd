import Codec
import Testing

@Suite("Ids") struct UUIDTests {
    @Test("a version 7 holds its time and sorts by it") func version7() {
        let early = UUID.v7(at: Timestamp(milliseconds: 0x0190_163D_8694), random: .max, .max)
        #expect(early.description == "0190163d-8694-7fff-bfff-ffffffffffff")
        #expect(early.time == Timestamp(milliseconds: 0x0190_163D_8694) && early.version == 7)
        #expect(UUID.v7(at: Timestamp(milliseconds: 0x0190_163D_8695), random: 0, 0) > early)
    }

    @Test("a version 4 says so and holds no time") func version4() {
        let id = UUID.v4(random: .max, .max)
        #expect(id.description == "ffffffff-ffff-4fff-bfff-ffffffffffff" && id.time == nil)
    }

    @Test("any case is read, lower case is written") func cases() throws {
        let id = try #require(UUID("0190163D-8694-739B-AEA5-966C26F8AD91"))
        #expect(id.description == "0190163d-8694-739b-aea5-966c26f8ad91")
        #expect(id == UUID("0190163d-8694-739b-aea5-966c26f8ad91"))
    }

    @Test("every byte but a digit is refused at every place") func refused() {
        let good = Array("0190163d-8694-739b-aea5-966c26f8ad91".utf8)
        for place in good.indices {
            for byte in UInt8.min...UInt8.max {
                var text = good
                text[place] = byte
                let isHyphen = [8, 13, 18, 23].contains(place)
                let isGood = isHyphen ? byte == UInt8(ascii: "-") : Hex.value(of: byte) != nil
                #expect((text.withUnsafeBytes { UUID(bytes: $0) } != nil) == isGood)
            }
        }
        for text in [
            "", "0190163d8694739baea5966c26f8ad91", "0190163d-8694-739b-aea5-966c26f8ad9", "{0190163d-8694-739b-aea5-966c26f8ad91}",
        ] {
            #expect(UUID(text) == nil)
        }
    }

    @Test("what is written reads back") func roundTrip() {
        var dice = Dice(9)
        for _ in 0..<1000 {
            let id = UUID(high: dice.next(), low: dice.next())
            #expect(UUID(id.description) == id && UUID(id.description.uppercased()) == id)
        }
    }

    @Test("a maker never goes backwards, whatever the clock does") func monotonic() {
        var maker = UUIDMaker()
        var dice = Dice(10)
        var last = UUID.zero
        var clock = Int64(1_750_000_000_000)
        for _ in 0..<20_000 {
            clock += Int64(dice.below(5)) - 2
            let id = maker.next(at: Timestamp(milliseconds: clock))
            #expect(id > last && id.version == 7 && id.low >> 62 == 2)
            last = id
        }
        #expect(maker.v4().version == 4)
    }

    @Test("two makers do not make the same ids") func apart() {
        var one = UUIDMaker()
        var two = UUIDMaker()
        let time = Timestamp(milliseconds: 1)
        #expect(one.next(at: time) != two.next(at: time))
    }
}

@Suite("Randomness") struct RandomSourceTests {
    @Test("words do not repeat, also past the buffer's end") func words() {
        var source = RandomSource()
        #expect(Set((0..<2000).map { _ in source.next() }).count == 2000)
    }

    @Test("as many bytes as asked for", arguments: [0, 1, 7, 8, 9, 33, 5000])
    func bytes(_ count: Int) {
        var source = RandomSource()
        let bytes = source.bytes(count)
        #expect(bytes.count == count)
        if count > 30 { #expect(Set(bytes).count > 15) }
    }
}

@Suite("Times") struct TimestampTests {
    @Test(
        "RFC 3339 with any offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2025-07-23T12:30:00.000Z", 1_753_273_800_000), ("2025-07-23T14:30:00+02:00", 1_753_273_800_000),
            ("2025-07-23T07:00:00.5-05:30", 1_753_273_800_500), ("2025-07-23t12:30:00z", 1_753_273_800_000),
            ("2025-07-23 12:30:00.1239999Z", 1_753_273_800_123), ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2025-07-23T12:30:00.1-00:00", 1_753_273_800_100),
        ])
    func parse(_ text: String, _ milliseconds: Int64) { #expect(Timestamp(text)?.milliseconds == milliseconds) }

    @Test(
        "what is no time",
        arguments: [
            "", "2025-07-23", "2025-07-23T12:30:00", "2025-07-23T12:30Z", "2025-7-23T12:30:00Z", "2025-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-04-31T00:00:00Z", "2025-01-00T00:00:00Z", "2025-01-01T24:00:00Z",
            "2025-01-01T00:60:00Z", "2025-01-01T00:00:61Z", "2025-01-01T00:00:00.Z", "2025-01-01T00:00:00+24:00",
            "2025-01-01T00:00:00+00:60",
            "2025-01-01T00:00:00+0000", "2025-01-01T00:00:00Z ", " 2025-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01", "2025-01-01T00:00:00,5Z", "20250101T000000Z", "2025-01-01T00:00:00ZZ", "+025-01-01T00:00:00Z",
        ])
    func refused(_ text: String) { #expect(Timestamp(text) == nil) }

    @Test("what is written reads back, over all years") func roundTrip() {
        var dice = Dice(11)
        for _ in 0..<20_000 {
            let time = Timestamp(milliseconds: Int64(dice.below(315_537_897_600_000)) - 62_135_596_800_000)
            #expect(Timestamp(time.description) == time)
            #expect(time.description.utf8.count == 24)
        }
    }

    @Test("every day follows the one before") func days() {
        var (year, month, day) = (1999, 12, 31)
        for number in 0..<(366 * 8) {
            let time = Timestamp(seconds: 946_598_400 + Int64(number) * 86_400)
            let text = time.description.prefix(10)
            #expect(text == "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)")
            let lengths = [31, year % 4 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test("beyond four digits of year the nearest is written") func clamped() {
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).description == "0001-01-01T00:00:00.000Z")
    }

    @Test(
        "HTTP dates",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Wed, 23 Jul 2025 12:30:00 GMT", 1_753_273_800), ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ])
    func httpDates(_ text: String, _ seconds: Int64) {
        var out = ByteWriter()
        Timestamp(milliseconds: seconds * 1000 + 999).writeHTTPDate(to: &out)
        #expect(out.text == text)
        #expect(Timestamp(httpDate: text) == Timestamp(seconds: seconds))
    }

    @Test(
        "what is no HTTP date",
        arguments: [
            "", "Mon, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC", "sun, 06 nov 1994 08:49:37 gmt", "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Wed, 31 Feb 2024 00:00:00 GMT",
        ])
    func badHTTPDates(_ text: String) { #expect(Timestamp(httpDate: text) == nil) }
}
