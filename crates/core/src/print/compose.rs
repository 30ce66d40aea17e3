//! Letters and marks that came as two code points, joined where Unicode has one for both.
//!
//! Some systems store `é` as `e` and a mark; fonts draw the single code point better.

/// A mark, the letters it joins, and what they become: the canonical compositions of all Latin letters.
#[rustfmt::skip]
const JOINED: [(char, &str, &str); 25] = [
    ('\u{300}', "AEINOUWYaeinouwyÂÊÔÜâêôüĂăĒēŌōƠơƯư", "ÀÈÌǸÒÙẀỲàèìǹòùẁỳẦỀỒǛầềồǜẰằḔḕṐṑỜờỪừ"),
    ('\u{301}', "ACEGIKLMNOPRSUWYZacegiklmnoprsuwyzÂÅÆÇÊÏÔÕØÜâåæçêïôõøüĂăĒēŌōŨũƠơƯư", "ÁĆÉǴÍḰĹḾŃÓṔŔŚÚẂÝŹáćéǵíḱĺḿńóṕŕśúẃýźẤǺǼḈẾḮỐṌǾǗấǻǽḉếḯốṍǿǘẮắḖḗṒṓṸṹỚớỨứ"),
    ('\u{302}', "ACEGHIJOSUWYZaceghijosuwyzẠạẸẹỌọ", "ÂĈÊĜĤÎĴÔŜÛŴŶẐâĉêĝĥîĵôŝûŵŷẑẬậỆệỘộ"),
    ('\u{303}', "AEINOUVYaeinouvyÂÊÔâêôĂăƠơƯư", "ÃẼĨÑÕŨṼỸãẽĩñõũṽỹẪỄỖẫễỗẴẵỠỡỮữ"),
    ('\u{304}', "AEGIOUYaegiouyÄÆÕÖÜäæõöüǪǫȦȧȮȯḶḷṚṛ", "ĀĒḠĪŌŪȲāēḡīōūȳǞǢȬȪǕǟǣȭȫǖǬǭǠǡȰȱḸḹṜṝ"),
    ('\u{306}', "AEGIOUaegiouȨȩẠạ", "ĂĔĞĬŎŬăĕğĭŏŭḜḝẶặ"),
    ('\u{307}', "ABCDEFGHIMNOPRSTWXYZabcdefghmnoprstwxyzŚśŠšſṢṣ", "ȦḂĊḊĖḞĠḢİṀṄȮṖṘṠṪẆẊẎŻȧḃċḋėḟġḣṁṅȯṗṙṡṫẇẋẏżṤṥṦṧẛṨṩ"),
    ('\u{308}', "AEHIOUWXYaehiotuwxyÕõŪū", "ÄËḦÏÖÜẄẌŸäëḧïöẗüẅẍÿṎṏṺṻ"),
    ('\u{309}', "AEIOUYaeiouyÂÊÔâêôĂăƠơƯư", "ẢẺỈỎỦỶảẻỉỏủỷẨỂỔẩểổẲẳỞởỬử"),
    ('\u{30A}', "AUauwy", "ÅŮåůẘẙ"),
    ('\u{30B}', "OUou", "ŐŰőű"),
    ('\u{30C}', "ACDEGHIKLNORSTUZacdeghijklnorstuzÜüƷʒ", "ǍČĎĚǦȞǏǨĽŇǑŘŠŤǓŽǎčďěǧȟǐǰǩľňǒřšťǔžǙǚǮǯ"),
    ('\u{30F}', "AEIORUaeioru", "ȀȄȈȌȐȔȁȅȉȍȑȕ"),
    ('\u{311}', "AEIORUaeioru", "ȂȆȊȎȒȖȃȇȋȏȓȗ"),
    ('\u{31B}', "OUou", "ƠƯơư"),
    ('\u{323}', "ABDEHIKLMNORSTUVWYZabdehiklmnorstuvwyzƠơƯư", "ẠḄḌẸḤỊḲḶṂṆỌṚṢṬỤṾẈỴẒạḅḍẹḥịḳḷṃṇọṛṣṭụṿẉỵẓỢợỰự"),
    ('\u{324}', "Uu", "Ṳṳ"),
    ('\u{325}', "Aa", "Ḁḁ"),
    ('\u{326}', "STst", "ȘȚșț"),
    ('\u{327}', "CDEGHKLNRSTcdeghklnrst", "ÇḐȨĢḨĶĻŅŖŞŢçḑȩģḩķļņŗşţ"),
    ('\u{328}', "AEIOUaeiou", "ĄĘĮǪŲąęįǫų"),
    ('\u{32D}', "DELNTUdelntu", "ḒḘḼṊṰṶḓḙḽṋṱṷ"),
    ('\u{32E}', "Hh", "Ḫḫ"),
    ('\u{330}', "EIUeiu", "ḚḬṴḛḭṵ"),
    ('\u{331}', "BDKLNRTZbdhklnrtz", "ḆḎḴḺṈṞṮẔḇḏẖḵḻṉṟṯẕ"),
];

/// Joins every letter with the marks behind it as far as Unicode has a code point for them (form NFC for Latin).
pub(crate) fn compose(text: &str) -> String {
    let mut composed = String::with_capacity(text.len());
    for character in text.chars() {
        let joined = composed.chars().next_back().and_then(|letter| join(letter, character));
        if let Some(joined) = joined {
            composed.pop();
            composed.push(joined);
        } else {
            composed.push(character);
        }
    }
    composed
}

fn join(letter: char, mark: char) -> Option<char> {
    if !matches!(mark, '\u{300}'..='\u{36F}') {
        return None;
    }
    let (_, letters, joined) = JOINED.iter().find(|(candidate, ..)| *candidate == mark)?;
    let position = letters.chars().position(|candidate| candidate == letter)?;
    joined.chars().nth(position)
}
