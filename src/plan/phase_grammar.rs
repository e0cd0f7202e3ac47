//! Phase headings composed of their parts, every part in every place: the reading must be the parts again.
//!
//! Only tests: what a person may write before, behind and around "Phase 1" is spelt out here as data.

#[cfg(test)]
mod tests {
    use super::super::ordinal::ordinal;
    use super::super::*;

    struct Tongue {
        home: &'static str,
        word: &'static str,
        week: &'static str,
        names: [&'static str; 3],
        around: [&'static str; 2],
        wide: bool,
    }

    const TONGUES: [Tongue; 8] = [
        Tongue {
            home: "Rollout Plan",
            word: "Phase",
            week: "Week",
            names: ["Internal dogfood", "Canary", "General availability"],
            around: ["Background", "Rollback Plan"],
            wide: false,
        },
        Tongue {
            home: "Release Phases",
            word: "Wave",
            week: "Week",
            names: ["Soft launch", "Public beta", "Everyone"],
            around: ["Overview", "Rollback Procedure"],
            wide: false,
        },
        Tongue {
            home: "Rolloutplan",
            word: "Etappe",
            week: "Woche",
            names: ["Pilotkunden", "Erweiterung", "Alle Kunden"],
            around: ["Überblick", "Rückfallplan"],
            wide: false,
        },
        Tongue {
            home: "Plan de déploiement",
            word: "Étape",
            week: "Semaine",
            names: ["Pilote interne", "Élargissement", "Généralisation"],
            around: ["Contexte", "Plan de retour arrière"],
            wide: false,
        },
        Tongue {
            home: "Plan de despliegue",
            word: "Fase",
            week: "Semana",
            names: ["Piloto", "Ampliación", "Todos los clientes"],
            around: ["Resumen", "Plan de reversión"],
            wide: false,
        },
        Tongue {
            home: "展開計画",
            word: "フェーズ",
            week: "Week",
            names: ["社内", "カナリア", "全体公開"],
            around: ["概要", "ロールバック手順"],
            wide: true,
        },
        Tongue {
            home: "배포 계획",
            word: "단계",
            week: "Week",
            names: ["내부 사용자", "카나리", "전체 공개"],
            around: ["개요", "롤백 절차"],
            wide: true,
        },
        Tongue {
            home: "发布计划",
            word: "阶段",
            week: "Week",
            names: ["内部用户", "灰度用户", "全部用户"],
            around: ["概述", "回滚步骤"],
            wide: true,
        },
    ];
    const NUMBERS: [[&str; 3]; 3] = [["1", "2", "3"], ["I", "II", "III"], ["A", "B", "C"]];
    const SEPARATORS: [&str; 7] = [": ", " – ", " — ", " - ", " | ", ". ", " "];
    const GLYPHS: [&str; 3] = ["", "🚀 ", "#. "];
    const SHAPES: [&str; 5] = ["## ", "### ", "#### ", "**", "- **"];
    const SHARES: [&str; 3] = ["5%", "25%", "100%"];
    const TIMES: usize = 9;

    #[derive(Clone, Copy)]
    struct Make {
        tongue: usize,
        number: usize,
        separator: usize,
        time: usize,
        glyph: usize,
        shape: usize,
    }

    impl Make {
        fn of(mut index: usize) -> Make {
            let mut next = |many: usize| {
                let digit = index % many;
                index /= many;
                digit
            };
            Make {
                time: next(TIMES),
                separator: next(SEPARATORS.len()),
                shape: next(SHAPES.len()),
                glyph: next(GLYPHS.len()),
                number: next(NUMBERS.len()),
                tongue: next(TONGUES.len()),
            }
        }

        fn all() -> usize {
            TIMES * SEPARATORS.len() * SHAPES.len() * GLYPHS.len() * NUMBERS.len() * TONGUES.len()
        }

        fn number(self, i: usize) -> &'static str {
            if TONGUES[self.tongue].wide { NUMBERS[0][i] } else { NUMBERS[self.number][i] }
        }

        /// "Phase 1: Canary", in the order of the language.
        fn core(self, i: usize) -> String {
            let tongue = &TONGUES[self.tongue];
            let number = self.number(i);
            let mark = match tongue.word {
                "단계" => format!("{number}단계"),
                "阶段" if self.number == 1 => format!("第{number}阶段"),
                word if tongue.wide => format!("{word}{number}"),
                word => format!("{word} {number}"),
            };
            format!("{mark}{}{}", SEPARATORS[self.separator], tongue.names[i])
        }

        /// The name, whether a window and whether a share is said, and the title.
        fn title(self, i: usize) -> (String, bool, bool, String) {
            let week = format!("{} {}", TONGUES[self.tongue].week, i + 1);
            let (core, share) = (self.core(i), SHARES[i]);
            let (name, when, portion, title) = match self.time {
                0 => (core.clone(), false, false, core),
                1 => (core.clone(), true, false, format!("{core} ({week})")),
                2 => (core.clone(), false, true, format!("{core} ({share})")),
                3 => (core.clone(), true, true, format!("{core} ({week}, {share})")),
                4 => (core.clone(), true, true, format!("{core} ({share}, {week})")),
                5 => (core.clone(), true, true, format!("{core} ({share}) ({week})")),
                6 => (format!("{week}: {core}"), true, true, format!("{week}: {core} ({share})")),
                7 => (format!("{week} – {core}"), true, false, format!("{week} – {core}")),
                _ => (core.clone(), true, true, format!("{core} [{week}] [{share}]")),
            };
            let glyph = GLYPHS[self.glyph].replace('#', &(i + 1).to_string());
            (name, when, portion, format!("{glyph}{title}"))
        }

        fn document(self) -> String {
            let tongue = &TONGUES[self.tongue];
            let mut text = format!("# Checkout\n\n## {}\n\nWhy.\n\n", tongue.around[0]);
            if SHAPES[self.shape] != "## " {
                text += &format!("## {}\n\n", tongue.home);
            }
            for i in 0..3 {
                let (_, _, _, title) = self.title(i);
                text += &match SHAPES[self.shape] {
                    "**" => format!("**{title}**\n\n- [ ] Deploy\n- [ ] Look\n\n"),
                    "- **" => format!("- **{title}**\n  - [ ] Deploy\n  - [ ] Look\n"),
                    heading => format!("{heading}{title}\n\n- [ ] Deploy\n- [ ] Look\n\n"),
                };
            }
            text + &format!("\n## {}\n\n1. Turn it off\n2. Tell everyone\n", tongue.around[1])
        }
    }

    fn differences(make: Make) -> Vec<String> {
        let plan = read(make.document().as_bytes(), "x");
        let mut out = Vec::new();
        let found: Vec<&Phase> = plan.phases.iter().filter(|p| p.parent.is_none()).collect();
        if found.len() != 3 {
            let names: Vec<&str> = found.iter().map(|p| p.name.as_str()).collect();
            return vec![format!("{:?}: {} phases {names:?}", make.title(0).3, found.len())];
        }
        for (i, phase) in found.iter().enumerate() {
            let (name, when, portion, title) = make.title(i);
            let days = phase.window.as_ref().and_then(|w| w.days);
            let wanted = when.then_some((7 * i as i32 + 1, Some(7 * i as i32 + 7)));
            let share = phase.share.as_ref().map(|s| s.value);
            let expected = portion.then(|| SHARES[i].trim_end_matches('%').parse::<f64>().expect("a number"));
            let number = ordinal(&phase.name).map(|o| o.number);
            // A list number stays a part of the name, as it is of a numbered section's.
            let bare = phase.name.strip_prefix(&format!("{}. ", i + 1)).unwrap_or(&phase.name);
            let same = bare == name
                && days == wanted
                && share == expected
                && number.as_deref() == Some(make.number(i).to_lowercase().as_str());
            let owned = plan.items.iter().filter(|item| item.owner == Owner::Phase(phase.id.clone())).count();
            if !same || owned != 2 {
                out.push(format!("{title:?}: {:?} {days:?} {share:?} {number:?} {owned}", phase.name));
            }
        }
        out
    }

    #[test]
    fn a_heading_is_read_as_the_parts_it_is_made_of() {
        // A prime step goes through every pair of parts and keeps the test short.
        let made = (0..Make::all()).step_by(7 * 2 + 3);
        let out: Vec<String> = made.map(Make::of).flat_map(differences).collect();
        assert!(out.is_empty(), "{} differences:\n{}", out.len(), out[..out.len().min(150)].join("\n"));
    }
}
