"""Short trials, invented: six on different subjects, and two of three on one."""

from __future__ import annotations

from functools import cache

from tests.engine import Shelf, open_shelf, settings_for

SALT, BEETS, SLEEP, KNEES, TEETH, BEES = (f"10.5555/trial.{number}" for number in range(6))

BATHS, MUSIC, GUM = (f"10.5555/sleepless.{number}" for number in range(3))

_TEXTS = {
    SALT: (
        "A salt substitute in village kitchens",
        "We randomised 620 adults with hypertension to a salt substitute or to common salt for twelve months. Systolic "
        "blood pressure fell by 5.1 mm Hg more with the salt substitute than with common salt (P < 0.001). Serum "
        "potassium rose slightly and nobody had an arrhythmia. The salt substitute costs twice as much as common salt.",
        "A salt substitute lowers blood pressure in adults with hypertension.",
    ),
    BEETS: (
        "Beetroot juice for high blood pressure: a crossover trial",
        "In 48 adults with hypertension beetroot juice was compared with apple juice for four weeks. Beetroot juice "
        "did not change systolic blood pressure (difference 0.4 mm Hg, P = 0.71). Reddish urine was reported by 39 "
        "participants.",
        "Beetroot juice had no effect on blood pressure.",
    ),
    SLEEP: (
        "Melatonin for students who lie awake",
        "Eighty students took 3 mg of melatonin or placebo for two weeks. With melatonin the time to fall asleep was "
        "14 minutes shorter than with placebo (P = 0.002). Drowsiness in the morning was no more frequent.",
        "Melatonin shortens the time to fall asleep in students.",
    ),
    KNEES: (
        "Cycling after knee replacement",
        "Patients cycled on an ergometer or had usual physiotherapy after knee replacement. Walking distance after six "
        "weeks was 41 m longer in the cycling group (P = 0.03). Pain at rest did not differ.",
        "Cycling helps walking after knee replacement.",
    ),
    TEETH: (
        "Xylitol gum in kindergartens",
        "Children chewed xylitol gum or had no gum for a year. New caries was found in 11% with xylitol and in 19% "
        "without (P = 0.04).",
        "Xylitol gum prevents caries in children of kindergarten age.",
    ),
    BEES: (
        "Wintering of honey bees in insulated hives",
        "Forty colonies wintered in insulated or in plain hives. Colony loss was 5% in insulated and 20% in plain "
        "hives. Consumption of stores was lower in insulated hives.",
        "Insulation lowers winter losses of honey bees.",
    ),
}
_PAGE = "# {title}\n\n**DOI:** {doi}\n\n## Methods and results\n\n{text}\n\n## Conclusion\n\n{end}\n"


@cache
def trials() -> Shelf:
    """Return the library of these trials."""
    pages = {
        f"{at}.md": _PAGE.format(title=title, doi=doi, text=text, end=end)
        for at, (doi, (title, text, end)) in enumerate(_TEXTS.items())
    }
    return open_shelf(settings_for("trials", pages))


_STUDY = "# {}: a randomised trial\n\n**DOI:** {}\n\n## Methods\n\n{}\n\n## Results\n\n{}\n\n## Conclusion\n\n{}\n"
_STUDIES = {
    BATHS: (
        "Warm baths for insomnia",
        "We randomised 62 adults with insomnia to a warm bath or none for four weeks. We wanted to know whether baths "
        "shorten the time to fall asleep.",
        "With baths the time to fall asleep was 9 minutes shorter (P = 0.01). Itchy skin was reported by two adults.",
        "Warm baths shorten the time to fall asleep. A limitation of our study is that nobody was blinded.\n\n"
        "## Funding\n\nThis work was funded by the Bath Society.",
    ),
    MUSIC: (
        "Music at bedtime for insomnia",
        "We randomised 48 adults with insomnia to music at bedtime or an audiobook for three weeks.",
        "The time to fall asleep did not differ between music and the audiobook (P = 0.62).",
        "Music at bedtime does not help adults with insomnia to fall asleep.",
    ),
    GUM: (
        "Xylitol gum in kindergartens",
        "We randomised 90 children to xylitol gum or no gum for a year.",
        "New caries was found in 11% with xylitol and in 19% without (P = 0.04).",
        "Xylitol gum prevents caries.",
    ),
}


@cache
def sleepless() -> Shelf:
    """Return a library of two trials on insomnia and one on gum."""
    pages = {f"{at}.md": _STUDY.format(title, doi, *rest) for at, (doi, (title, *rest)) in enumerate(_STUDIES.items())}
    return open_shelf(settings_for("sleepless", pages))
