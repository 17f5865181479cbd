/// An article of the demo's help centre: that of a small shop for walking gear.
struct DemoArticle {
    let title: String
    let category: String
    let tags: [String]
    let content: String

    static let all = [
        DemoArticle(
            title: "How long does delivery take?", category: "Orders and delivery", tags: ["delivery", "shipping", "norway"],
            content: """
                We pack every order within one working day. How long it is on its way depends on where you live:

                | To | Standard | Express |
                |---|---|---|
                | The United Kingdom and Ireland | 2 to 3 working days | next working day before noon |
                | The European Union | 4 to 6 working days | 2 working days |
                | Norway and Switzerland | 5 to 8 working days | 3 working days |

                Standard delivery is free for orders over 60 euros. Below that it costs 4.90 euros, and 9.90 euros to Norway and Switzerland.

                ## Duty

                Norway and Switzerland charge their own tax on what comes from abroad. We collect it at the checkout, so the courier asks you for \
                nothing.

                ## Has your parcel not arrived?

                The mail that we send when your order leaves us has a link to follow the parcel. If it has not moved for three working days, \
                open a ticket with your order number, and we look for it.
                """),
        DemoArticle(
            title: "Send something back", category: "Orders and delivery", tags: ["returns", "refund", "exchange"],
            content: """
                You have **60 days** to send back what does not fit or does not please you. Try it on at home; only do not wear it outside.

                1. Sign in, open *My orders*, and choose *Send something back*.
                2. Say which items come back, and whether you want your money or another size.
                3. Print the label and stick it on the parcel. The way back is free from the UK, Ireland and the European Union.
                4. Take the parcel to a post office, and keep the receipt.

                We look at it within three working days of its arrival and pay you back the way you paid. Your bank may need a few days more.

                Boots that have walked a muddy mile cannot be sold again, so please be fair: we take them back if they are faulty, not if they \
                were worn.
                """),
        DemoArticle(
            title: "Change or cancel an order", category: "Orders and delivery", tags: ["order", "cancel", "address"],
            content: """
                As long as an order says *We have it*, you can still change it yourself: open it under *My orders* and choose *Change* or \
                *Cancel*. You can correct the address, take items out, and change the way of delivery.

                Once it says *Packed*, the label is on the box and we cannot stop it. Then either

                - refuse the parcel at the door: it comes back to us and we pay you back, or
                - take it in and [send it back](/help/articles/send-something-back) for free.

                For a wrong address on a parcel that is on its way, open a ticket at once. The courier can often turn it around.
                """),
        DemoArticle(
            title: "I cannot sign in", category: "Your account", tags: ["login", "password", "account"],
            content: """
                **"Invalid credentials"** means that the address and the password do not go together. Check that Caps Lock is off, and that you \
                use the address to which we send your invoices.

                Still no luck? Choose *Forgot password* and type in your address. We mail you a link with which you set a new password. It is \
                good for an hour, and once. Look into the folder for junk mail too.

                Have you got **no mail**? Then we do not know this address. Perhaps you ordered with another one, or as a guest without an account.

                After ten tries within a minute you have to wait for the next minute. That keeps strangers from guessing your password.
                """),
        DemoArticle(
            title: "Keep your account safe", category: "Your account", tags: ["security", "password", "account"],
            content: """
                Three things help more than all else:

                - **A password of its own.** Use one here that you use nowhere else. A password manager remembers it for you.
                - **A second step.** Turn on the authenticator app under *My account*. From then on nobody gets in with your password alone. \
                Keep the recovery codes on paper, for the day on which you lose your phone.
                - **A look at your sign-ins.** *My account* lists where you are signed in. End those that you do not know, and change your \
                password.

                We never ask for your password, not in a mail and not on the phone. If somebody does so in our name, please tell us.
                """),
    ]

    /// As its author writes it.
    var draft: ArticleDraft {
        var draft = ArticleDraft()
        (draft.title, draft.content, draft.category, draft.tags) = (title, content, category, tags)
        draft.isPublished = true
        return draft
    }
}
