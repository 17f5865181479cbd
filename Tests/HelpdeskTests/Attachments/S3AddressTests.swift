import Domain
import Testing

@testable import Files

@Suite("A store that speaks S3") struct S3AddressTests {
    @Test("its address names key, secret, host, bucket, prefix and region")
    func whole() throws {
        let address = try S3Address("https://AKIA:s%2Fe+c%40ret@s3.example.com:9000/bucket/a/b?region=eu-central-1")
        #expect((address.key, address.secret, address.region) == ("AKIA", "s/e+c@ret", "eu-central-1"))
        #expect(address.bucket == "https://s3.example.com:9000/bucket" && address.prefix == "a/b/")
        #expect(address.base == "https://s3.example.com:9000/bucket/a/b/")
        let plain = try S3Address("http://k:s@127.0.0.1/b")
        #expect((plain.base, plain.prefix, plain.region) == ("http://127.0.0.1/b/", "", "us-east-1"))
    }

    @Test(
        "one that is none is refused without its secret",
        arguments: [
            "", "s3://k:secret@host/b", "https://host/b", "https://k@host/b", "https://:secret@host/b", "https://k:@host/b",
            "https://k:secret@host",
            "https://k:secret@host/", "https://k:secret@host/b/ü", "https://k:secret@host/b/../c", "https://k:secret@host/b?region=",
            "https://k:secret@host/b?style=path", "https://k:%zz@host/b", "https://k:secret@ho st/b",
        ])
    func refused(text: String) {
        let fault = #expect(throws: S3Address.Fault.self) { _ = try S3Address(text) }
        #expect(fault?.description.contains("secret") == false)
    }

    @Test("a page of its list tells keys, times and where to go on")
    func listing() {
        let page = S3Listing(
            """
            <?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>true</IsTruncated>
            <Contents><Key>a/x&amp;y</Key><LastModified>2025-07-23T12:30:00.000Z</LastModified><Size>1</Size></Contents>
            <Contents><Key>broken</Key></Contents><Contents><Key>z</Key><LastModified>2025-07-23T12:30:01Z</LastModified></Contents>
            <NextContinuationToken>t&lt;1&gt;</NextContinuationToken></ListBucketResult>
            """)
        #expect(page.items.map(\.key) == ["a/x&y", "z"] && page.next == "t<1>")
        #expect(page.items.map(\.modified) == [Moment(1_753_273_800_000), Moment(1_753_273_801_000)])
        #expect(S3Listing("<IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>").next == nil)
        #expect(S3Listing("<Contents><Key>").items.isEmpty)
    }

    @Test("a name that begins with what Unicode joins to the mark before it is found, and so is what is written as an entity")
    func joiningNames() {
        let names = ["\u{301}accent", "a&amp;b&lt;c", "&amp;lt;", "\u{200D}x", "plain"]
        let xml = names.map { "<Contents><Key>\($0)</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>" }.joined()
        let keys = S3Listing("<ListBucketResult>" + xml + "</ListBucketResult>").items.map { Array($0.key.utf8) }
        #expect(keys == ["\u{301}accent", "a&b<c", "&lt;", "\u{200D}x", "plain"].map { Array($0.utf8) })
    }
}
