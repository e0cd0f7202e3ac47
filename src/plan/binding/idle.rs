//! What is filled in and does nothing in this version: said, never silently ignored. Pure.

use super::Binding;

impl Binding {
    /// A sentence for each thing that is read and not put to work yet.
    pub fn idle(&self) -> Vec<String> {
        let mut said: Vec<String> = vec![];
        let unread = self.flags.iter().filter(|f| f.read.is_empty() && !f.write.is_empty());
        said.extend(unread.map(|f| {
            format!(
                "flag {}: can be written and not read back, so it works by hand; say where it is read",
                f.name
            )
        }));
        let tables = [
            (
                "[[procedure]]",
                self.procedures
                    .iter()
                    .any(|p| !p.cwd.is_empty() || !p.verify.is_empty() || p.two_people == Some(true)),
            ),
            ("[[channel]]", self.channels.iter().any(|c| c.url.is_some())),
        ];
        let filled = tables.into_iter().filter(|(_, filled)| *filled);
        said.extend(filled.map(|(table, _)| format!("{table} is read and not put to work yet")));
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_filled_in_is_said() {
        let said = |text: &str| toml::from_str::<Binding>(text).unwrap().idle();
        assert_eq!(
            said("source = [{ name = 'db', kind = 'datadog', url = '' }]\npeople = { CTO = [] }"),
            [""; 0]
        );
        let all = said(
            "source = [{ name = 'db', kind = 'datadog', url = 'https://api.datadoghq.eu' }]\npeople = { CTO = ['ana'] }\n\
             flag = [{ name = 'x', write = '/x' }]\nchannel = [{ name = '#a', kind = 'slack', url = 'env:A' }]",
        );
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!(
            all[0],
            "flag x: can be written and not read back, so it works by hand; say where it is read"
        );
    }
}
