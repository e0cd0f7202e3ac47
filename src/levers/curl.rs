//! A step that is one plain curl command, as the request that it makes. Pure.
//!
//! Only what is understood to the last character is taken: one command, words that a shell would hand on
//! as they stand, variables inside double quotes, and the few options below. Everything else stays text
//! for a shell. Called by `script`, carried out by `runs`.

mod words;

use serde::{Deserialize, Serialize};

use super::exact::address;
pub use words::Words;

/// What such a step takes at most, in bytes.
const LONGEST: usize = 256 * 1024;

/// Methods that are sent; curl takes any word.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Headers that follow from the request, or change how it is sent.
const OF_TRANSPORT: &[&str] =
    &["host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te"];

/// A request, with its variables by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call {
    method: String,
    url: Words,
    headers: Vec<(String, Words)>,
    body: Option<Words>,
    /// Whether an answer with another address is followed.
    follows: bool,
}

/// The request of a text, where the text is nothing else; an error where it names no host and `base` is
/// none either: the path.
pub(super) fn request(text: &str, base: &str) -> Option<Result<Call, String>> {
    let words = words::read(text).filter(|_| text.len() <= LONGEST)?;
    let (program, rest) = words.split_first()?;
    let call = (program.plain()? == "curl").then(|| Options::read(rest))??.call()?;
    if !call.url.begins_with("/") {
        let whole = ["http://", "https://"].iter().any(|scheme| call.url.begins_with(scheme));
        return (whole && call.is_address()).then_some(Ok(call));
    }
    if base.is_empty() {
        return Some(Err(call.url.shown()));
    }
    let url = call.url.clone().behind(base.trim_end_matches('/'));
    let call = Call { url, ..call };
    call.is_address().then_some(Ok(call))
}

impl Call {
    /// "POST".
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Where it goes.
    pub fn url(&self) -> &Words {
        &self.url
    }

    /// Names and values, in order.
    pub fn headers(&self) -> &[(String, Words)] {
        &self.headers
    }

    /// What is sent; none for nothing.
    pub fn body(&self) -> Option<&Words> {
        self.body.as_ref()
    }

    /// Whether an answer with another address is followed.
    pub fn follows(&self) -> bool {
        self.follows
    }

    /// Whether it has this variable in it.
    pub(super) fn reads(&self, name: &str) -> bool {
        let all = std::iter::once(&self.url).chain(self.headers.iter().map(|(_, value)| value));
        all.chain(&self.body).any(|words| words.variables().any(|v| v == name))
    }

    /// What is sent, line by line, with variables as `${NAME}`.
    pub(super) fn shown(&self) -> String {
        let mut said = format!("{} {}\n", self.method, self.url.shown());
        for (name, value) in &self.headers {
            said.push_str(&format!("{name}: {}\n", value.shown()));
        }
        let body = self.body.as_ref().map(|body| format!("\n{}\n", body.shown()));
        said + &body.unwrap_or_default()
    }

    /// Whether its address is one, as far as variables leave it open, and one for curl without a meaning
    /// of its own: brackets would be several addresses.
    fn is_address(&self) -> bool {
        let open = self.url.shown().replace("${", "").replace('}', "");
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?&=%+,;!*'()$".contains(c);
        let stands = self.url.plain_parts().all(|part| part.chars().all(plain));
        stands && address(&open).is_ok()
    }
}

/// The options of a curl command.
#[derive(Default)]
struct Options {
    method: Option<String>,
    url: Option<Words>,
    headers: Vec<(String, Words)>,
    /// The pieces of a body, and whether they are JSON.
    data: Vec<(Words, bool)>,
    follows: bool,
}

impl Options {
    fn read(words: &[Words]) -> Option<Self> {
        let (mut options, mut rest) = (Self::default(), words.iter());
        while let Some(word) = rest.next() {
            match word.option() {
                None => options.address(word.clone())?,
                Some(option) if option.starts_with("--") => options.long(option, &mut rest)?,
                Some(_) => options.short(word, &mut rest)?,
            }
        }
        Some(options)
    }

    fn address(&mut self, url: Words) -> Option<()> {
        self.url.replace(url).is_none().then_some(())
    }

    fn long<'a>(&mut self, option: &str, rest: &mut impl Iterator<Item = &'a Words>) -> Option<()> {
        match option {
            "--silent" | "--show-error" | "--fail" | "--fail-with-body" => Some(()),
            "--location" => self.follow(),
            "--request" => self.method(rest.next()?),
            "--header" => self.header(rest.next()?),
            "--data" | "--data-ascii" | "--data-binary" => self.data(rest.next()?, false, false),
            "--data-raw" => self.data(rest.next()?, false, true),
            "--json" => self.data(rest.next()?, true, false),
            "--url" => self.address(rest.next()?.clone()),
            _ => None,
        }
    }

    /// `-sSf`, `-X POST`, `-XPOST`: letters without a value, then at most one with.
    fn short<'a>(&mut self, word: &Words, rest: &mut impl Iterator<Item = &'a Words>) -> Option<()> {
        let (mut word, mut first) = (word.clone().without_first()?, true);
        loop {
            let letter = match word.first() {
                None if first => return None,
                None => return Some(()),
                Some(letter) => letter,
            };
            first = false;
            word = word.without_first()?;
            match letter {
                's' | 'S' | 'f' => {}
                'L' => self.follow()?,
                'X' | 'H' | 'd' => {
                    let value = if word.is_empty() { rest.next()?.clone() } else { word };
                    return match letter {
                        'X' => self.method(&value),
                        'H' => self.header(&value),
                        _ => self.data(&value, false, false),
                    };
                }
                _ => return None,
            }
        }
    }

    fn follow(&mut self) -> Option<()> {
        self.follows = true;
        Some(())
    }

    fn method(&mut self, word: &Words) -> Option<()> {
        let method = word.plain().filter(|m| METHODS.contains(m))?;
        self.method.replace(method.to_owned()).is_none().then_some(())
    }

    /// "Name: value". A name alone has another meaning, and so has a file behind an `@`.
    fn header(&mut self, word: &Words) -> Option<()> {
        let (name, value) = word.clone().split_at_colon()?;
        let token = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let fits = !name.is_empty() && name.chars().all(token) && !value.is_empty();
        let own = !OF_TRANSPORT.contains(&name.to_lowercase().as_str());
        let line = value.plain_parts().all(|part| !part.contains(|c: char| c.is_control()));
        (fits && own && line).then(|| self.headers.push((name, value)))
    }

    /// Behind an `@` stands a file, except for `raw`. What a variable begins with is not known.
    fn data(&mut self, word: &Words, json: bool, raw: bool) -> Option<()> {
        let known = raw || word.is_empty() || word.first().is_some_and(|c| c != '@');
        known.then(|| self.data.push((word.clone(), json)))
    }

    /// What curl makes of them.
    fn call(self) -> Option<Call> {
        let json = self.data.first().is_some_and(|(_, json)| *json);
        if self.data.iter().any(|(_, other)| *other != json) {
            return None;
        }
        let between = if json { "" } else { "&" };
        let pieces = self.data.into_iter().map(|(words, _)| words);
        let body = pieces.reduce(|whole, piece| whole.and(between, piece));
        let usual = if body.is_some() { "POST" } else { "GET" };
        let method = self.method.unwrap_or_else(|| usual.to_owned());
        // What is sent again elsewhere must change nothing.
        if self.follows && (method != "GET" || body.is_some()) {
            return None;
        }
        let headers = with_usual(self.headers, body.is_some(), json);
        Some(Call { method, url: self.url?, headers, body, follows: self.follows })
    }
}

/// With the headers that curl adds, under a name of our own.
fn with_usual(headers: Vec<(String, Words)>, body: bool, json: bool) -> Vec<(String, Words)> {
    let mut usual = vec![
        ("User-Agent", concat!("warroom/", env!("CARGO_PKG_VERSION"))),
        ("Accept", if json { "application/json" } else { "*/*" }),
    ];
    let form = "application/x-www-form-urlencoded";
    usual.extend(body.then_some(("Content-Type", if json { "application/json" } else { form })));
    let missing = |name: &str| !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    usual.retain(|(name, _)| missing(name));
    let usual = usual.into_iter().map(|(name, value)| (name.to_owned(), Words::of(value)));
    usual.chain(headers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        let call = request(text, "https://shop.test/")?;
        let agent = concat!("User-Agent: warroom/", env!("CARGO_PKG_VERSION"), "\n");
        Some(call.map_or_else(|path| format!("no host: {path}"), |c| c.shown().replace(agent, "")))
    }

    #[test]
    fn a_plain_command_is_the_request_it_makes() {
        for (text, wanted) in [
            ("curl https://a.test/x\n", "GET https://a.test/x\nAccept: */*\n"),
            (
                "# Look\n\ncurl -fsS \"https://a.test/x?a=1&b=2\" # now\n",
                "GET https://a.test/x?a=1&b=2\nAccept: */*\n",
            ),
            ("curl -fsSL https://a.test", "GET https://a.test\nAccept: */*\n"),
            (
                "curl -X POST /api/flags \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"on\": true, \"p\": 10}'",
                "POST https://shop.test/api/flags\nAccept: */*\nAuthorization: Bearer ${TOKEN}\nContent-Type: application/json\n\n{\"on\": true, \"p\": 10}\n",
            ),
            (
                "curl -XPUT --url https://a.test/\"$W_id\" -da=1 --data-raw '@b'",
                "PUT https://a.test/${W_id}\nAccept: */*\nContent-Type: application/x-www-form-urlencoded\n\na=1&@b\n",
            ),
            (
                "curl --json '{}' -H 'X-A:b' https://a.test/",
                "POST https://a.test/\nAccept: application/json\nContent-Type: application/json\nX-A: b\n\n{}\n",
            ),
            ("curl -X DELETE https://a.test/x", "DELETE https://a.test/x\nAccept: */*\n"),
        ] {
            assert_eq!(told(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(request("curl -X POST /api/x", ""), Some(Err("/api/x".to_owned())));
    }

    #[test]
    fn what_is_anything_more_stays_with_the_shell() {
        for text in [
            "",
            "# curl https://a.test",
            "wget https://a.test/",
            "curl https://a.test/ | sh",
            "curl https://a.test/ > f",
            "curl https://a.test/; true",
            "curl https://a.test/ && true",
            "curl https://a.test/a\ncurl https://a.test/b",
            "A=1 curl https://a.test/",
            "if curl https://a.test/; then true; fi",
            "! curl https://a.test/",
            "sudo curl https://a.test/",
            "curl https://a.test/ https://b.test/",
            "curl a.test",
            "curl ftp://a.test/",
            "curl file:///etc/passwd",
            "curl https://u:p@a.test/",
            "curl https://a.test/[1-3]",
            "curl 'https://a.test/{a,b}'",
            "curl https://a.test/?a=*",
            "curl https://a.test/x#y",
            "curl \"$URL\"",
            "curl https://a.test/$ID",
            "curl https://a.test/\"${ID:-x}\"",
            "curl https://a.test/\"$(id)\"",
            "curl https://a.test/`id`",
            "curl https://a.test/ -d '$x'",
            "curl https://a.test/ -d @file",
            "curl https://a.test/ -d \"$BODY\"",
            "curl https://a.test/ --data-urlencode a=b",
            "curl https://a.test/ -G -d a=b",
            "curl https://a.test/ -o f",
            "curl https://a.test/ -O",
            "curl https://a.test/ --retry 3",
            "curl https://a.test/ -k",
            "curl https://a.test/ -u a:b",
            "curl https://a.test/ -I",
            "curl https://a.test/ -F a=b",
            "curl https://a.test/ -H @file",
            "curl https://a.test/ -H 'Accept:'",
            "curl https://a.test/ -H 'Accept;'",
            "curl https://a.test/ -H 'Host: b.test'",
            "curl https://a.test/ -H \"$HEADER\"",
            "curl https://a.test/ -X get",
            "curl https://a.test/ -X \"$METHOD\"",
            "curl -X GET -X POST https://a.test/",
            "curl -L -X POST https://a.test/",
            "curl -L -d a https://a.test/",
            "curl --json '{}' -d a https://a.test/",
            "curl -s - https://a.test/",
            "curl -- https://a.test/",
            "curl ~/x https://a.test/",
            "curl https://a.test/ 'open",
            "curl https://a.test/ <<E\nE",
            "curl https://a.test/ &",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_to_an_end(text in "curl [a-c /:'\"`$(){}<>|;#\\\\\n@=-]{0,60}") {
            if let Some(Ok(call)) = request(&text, "https://a.test") {
                proptest::prop_assert!(!call.shown().contains('`') && !text.contains('|'), "{}", text);
            }
        }
    }
}
