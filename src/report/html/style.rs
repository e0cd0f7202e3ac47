//! How the page looks: two palettes with one set of names, one sheet. On paper the light one holds.

/// Names of colours with their light and dark values. Words stand in `ink`, `soft`, `good`, `care`, `bad`
/// and `link`; on `page` and on `panel` each has a contrast of 4.5 or more.
const PALETTE: [(&str, &str, &str); 11] = [
    ("page", "#ffffff", "#11161d"),
    ("panel", "#f5f7fa", "#1a212b"),
    ("line", "#d3dae3", "#36404d"),
    ("ink", "#17202b", "#e7edf4"),
    ("soft", "#52606f", "#a5b1bf"),
    ("good", "#17692f", "#63d27f"),
    ("care", "#855300", "#e6b450"),
    ("bad", "#b3202c", "#ff8a80"),
    ("link", "#0b57a4", "#84bdff"),
    ("plan", "#c3cedb", "#47566a"),
    ("run", "#2f6fb5", "#5b9ee8"),
];

const RULES: &str = "\
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:2.5rem 1.5rem 5rem;max-width:74rem;background:var(--page);color:var(--ink);\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
h1,h2,h3{line-height:1.2;text-wrap:balance}
h1{margin:.1rem 0 .5rem;font-size:2.1rem;letter-spacing:-.02em}
h2{margin:3rem 0 .9rem;padding-top:1.1rem;border-top:1px solid var(--line);font-size:1.35rem;letter-spacing:-.01em}
h3{margin:1.9rem 0 .6rem;font-size:1.02rem}
p{margin:.5rem 0;max-width:46rem}
.meta,.lead{max-width:60rem}
.kind{margin:0;color:var(--soft);font-weight:600}
.meta{color:var(--soft)}
.lead{font-size:1.22rem;line-height:1.45}
a{color:var(--link)}
code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.good{color:var(--good)}.care{color:var(--care)}.bad{color:var(--bad)}.faint{color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.7rem;margin:1.4rem 0}
.figures div{padding:.8rem .95rem;border-radius:.4rem;background:var(--panel);color:inherit}
.figures dt{color:var(--soft);font-size:.9rem}
.figures dd{margin:.1rem 0 0;font-size:1.45rem;font-weight:650;font-variant-numeric:tabular-nums}
.figures .good dd:not(.more){color:var(--good)}.figures .care dd:not(.more){color:var(--care)}\
.figures .bad dd:not(.more){color:var(--bad)}
.figures .more{margin:.1rem 0 0;color:var(--soft);font-size:.88rem;font-weight:400;line-height:1.35}
.look{margin:.4rem 0;padding-left:1.15rem;max-width:56rem}
li{margin:.3rem 0;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;margin:1.8rem 0 0;padding:0;list-style:none}
nav li{margin:0}
table{width:100%;border-collapse:collapse;font-size:.93rem;font-variant-numeric:tabular-nums}
table+table{margin-top:1.6rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;\
overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:.85rem;font-weight:600;border-bottom-color:var(--soft);overflow-wrap:normal}
tbody th{font-weight:600}
.short{white-space:nowrap}
td small,th small{display:block;margin-top:.15rem;color:var(--soft);font-size:.86rem;font-weight:400}
table.story td,table.notes td{padding-top:.34rem;padding-bottom:.34rem}
.checklists td:nth-child(1){width:9rem}.checklists td:nth-child(3){width:11rem}.checklists td:nth-child(4){width:10rem}
.story td:nth-child(1),.alerts td:nth-child(1),.notes td:nth-child(1){width:9.5rem}
.story td:nth-child(2){width:6rem}.story td:nth-child(3){width:9rem}
.runs td:nth-child(1){width:3rem}.runs td:nth-child(3){width:32%}.runs td:nth-child(4){width:8rem}
.about th:first-child{width:13rem}
figure{margin:.8rem 0 1.4rem}
.chart{max-width:46rem}
figcaption{margin:.3rem 0 0;color:var(--soft);font-size:.88rem;max-width:46rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--soft);font:12px system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;\
font-variant-numeric:tabular-nums}
svg .name{fill:var(--ink)}
.scroll{overflow-x:auto}
.scroll{position:relative}
.line svg{min-width:46rem}
.grid{stroke:var(--line);stroke-width:1}
.fplan{fill:var(--plan)}.frun{fill:var(--run)}.fgood{fill:var(--good)}.fcare{fill:var(--care)}.fbad{fill:var(--bad)}
.fired{fill:var(--bad);opacity:.12}
.band{fill:var(--run);opacity:.25}
.curve{fill:none;stroke:var(--run);stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.limit{stroke:var(--bad);stroke-width:1.4;stroke-dasharray:6 4}
svg .over{fill:var(--bad)}
.hatch{stroke:var(--care);stroke-width:2}
@media (max-width:46rem){
body{padding:1.4rem 1rem 3rem}
h1{font-size:1.6rem}
.lead{font-size:1.1rem}
.figures{grid-template-columns:1fr 1fr}
.line svg{min-width:58rem}
.chart svg{min-width:32rem}.chart svg text{font-size:15px}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,th,td{display:block;width:auto!important}
tr{padding:.6rem 0;border-bottom:1px solid var(--line)}
tbody th,td{padding:.1rem 0;border:0}
td.none{display:none}
td[data-label]{display:grid;grid-template-columns:7.2rem 1fr;gap:.6rem}
td[data-label]::before{content:attr(data-label);color:var(--soft);font-size:.86rem}
}
@page{margin:16mm 14mm}
@media print{
html{font-size:12.5px}
body{max-width:none;padding:0;font-size:1rem}
nav{display:none}
h2{margin-top:2rem;break-after:avoid}
h3{break-after:avoid}
tr,figure,.figures div{break-inside:avoid}
tbody tr:first-child{break-before:avoid}
thead{display:table-header-group}
.figures{grid-template-columns:repeat(4,1fr)}
.figures div{border:1px solid var(--line)}
.scroll{overflow:visible}.line svg,.chart svg{min-width:0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
";

/// The sheet of a page.
pub(super) fn sheet() -> String {
    let vars = |pick: fn(&(&str, &'static str, &'static str)) -> &'static str| {
        PALETTE.iter().map(|colour| format!("--{}:{};", colour.0, pick(colour))).collect::<String>()
    };
    let (light, dark) = (vars(|c| c.1), vars(|c| c.2));
    format!(
        ":root{{color-scheme:light;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n{RULES}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(hex: &str) -> f64 {
        let part = |n: usize| {
            let c = f64::from(u8::from_str_radix(&hex[n..n + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn words_can_be_read_on_every_ground() {
        let colour = |name: &str| *PALETTE.iter().find(|c| c.0 == name).unwrap();
        for ground in ["page", "panel"].map(colour) {
            for words in ["ink", "soft", "good", "care", "bad", "link"].map(colour) {
                for (ground, words) in [(ground.1, words.1), (ground.2, words.2)] {
                    let found = contrast(ground, words);
                    assert!(found >= 4.5, "{words} on {ground}: {found:.2}");
                }
            }
            // What is drawn needs 3 (WCAG 2.2, 1.4.11).
            let run = colour("run");
            assert!(contrast(ground.1, run.1) >= 3.0 && contrast(ground.2, run.2) >= 3.0);
        }
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    }

    #[test]
    fn every_colour_that_is_used_has_a_value_and_nothing_is_fetched() {
        let sheet = sheet();
        for used in sheet.split("var(--").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            assert!(PALETTE.iter().any(|c| c.0 == used), "{used}");
        }
        assert!(!sheet.contains("url(") && !sheet.contains("@import") && !sheet.contains("http"));
    }
}
