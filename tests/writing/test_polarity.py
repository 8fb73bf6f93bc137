"""Opposite statements and statements of different certainty: found in planted pairs, and not where papers agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.polarity import Opposition, certainty, opposed
from tests.growth import at_once

OPPOSITE = (
    ("Statins reduced the risk of stroke in older adults.", "In older adults, statins increased the risk of stroke."),
    (
        "Vitamin D supplementation lowers the incidence of falls.",
        "Falls were more frequent among those who received vitamin D supplementation.",
    ),
    (
        "Early mobilisation improved functional recovery after hip fracture.",
        "Early mobilisation did not improve functional recovery after hip fracture.",
    ),
    (
        "Probiotics are effective in preventing antibiotic-associated diarrhoea.",
        "Probiotics were not effective in preventing antibiotic-associated diarrhoea.",
    ),
    (
        "Metformin was associated with lower mortality in patients with heart failure.",
        "Metformin had no effect on mortality in heart failure.",
    ),
    (
        "Beta-blockers improve survival after myocardial infarction.",
        "After myocardial infarction, beta-blockers increased mortality.",
    ),
    (
        "Intensive insulin therapy reduced mortality in critically ill patients.",
        "Mortality in critically ill patients rose with intensive insulin therapy.",
    ),
    (
        "Checkpoint inhibitors have shown promising activity in glioblastoma.",
        "Checkpoint inhibitors have been disappointing in glioblastoma.",
    ),
    (
        "CAR-T cells showed remarkable efficacy in multiple myeloma.",
        "In multiple myeloma, the efficacy of CAR-T cells was modest.",
    ),
    (
        "Cytokine release syndrome is common after CAR-T infusion.",
        "Cytokine release syndrome is rare after CAR-T infusion.",
    ),
    ("Ketamine is safe in patients with depression.", "Ketamine is unsafe in patients with depression."),
    (
        "Aspirin prevents pre-eclampsia in women at high risk.",
        "Aspirin failed to prevent pre-eclampsia in high-risk women.",
    ),
    (
        "There is a strong association between coffee consumption and bladder cancer.",
        "No association was found between coffee consumption and bladder cancer.",
    ),
    ("Exercise lowered HbA1c in type 2 diabetes.", "Exercise had no effect on HbA1c in type 2 diabetes."),
    ("Hydroxychloroquine was well tolerated in pregnancy.", "Hydroxychloroquine was poorly tolerated in pregnancy."),
    ("Responses to the vaccine were durable.", "Responses to the vaccine were short-lived."),
    (
        "Tumours with BRCA mutations are sensitive to platinum chemotherapy.",
        "Tumours with BRCA mutations are resistant to platinum chemotherapy.",
    ),
    (
        "Screening for lung cancer with CT reduces lung cancer deaths.",
        "Screening for lung cancer with CT does not reduce deaths from lung cancer.",
    ),
    (
        "Lymphodepletion is necessary before infusion of CAR-T cells.",
        "Lymphodepletion before CAR-T cell infusion is unnecessary.",
    ),
    (
        "Routine antibiotic prophylaxis is recommended for dental surgery.",
        "Routine antibiotic prophylaxis is not recommended for dental surgery.",
    ),
    ("IL-6 promotes tumour growth in the pancreas.", "IL-6 inhibits tumour growth in the pancreas."),
    ("High LDL levels were associated with dementia.", "LDL levels were not associated with dementia."),
    (
        "Dexamethasone decreased the duration of ventilation.",
        "The duration of ventilation was increased by dexamethasone.",
    ),
    (
        "Gene therapy for haemophilia B provides sustained expression of factor IX.",
        "Gene therapy for haemophilia B provides only transient expression of factor IX.",
    ),
    (
        "Acupuncture is superior to sham treatment for chronic low back pain.",
        "For chronic low back pain, acupuncture is no better than sham treatment.",
    ),
    (
        "The evidence supports the use of fish oil for preventing cardiovascular events.",
        "There is little evidence that supports the use of fish oil for preventing cardiovascular events.",
    ),
    (
        "Antidepressants worsened suicidal ideation in adolescents.",
        "Antidepressants reduced suicidal ideation in adolescents.",
    ),
    (
        "Warfarin increased major bleeding in patients on dialysis.",
        "There was no increase in major bleeding with warfarin in patients on dialysis.",
    ),
    (
        "The gut microbiome plays an important role in Parkinson's disease.",
        "The gut microbiome plays no role in Parkinson's disease.",
    ),
    ("Telemedicine is feasible for stroke rehabilitation.", "Telemedicine is not feasible for stroke rehabilitation."),
    ("Neurotoxicity after blinatumomab is reversible.", "Neurotoxicity after blinatumomab is irreversible."),
    (
        "Ultrasound is accurate for the diagnosis of appendicitis in children.",
        "In children, ultrasound is inaccurate for the diagnosis of appendicitis.",
    ),
    ("Smoking cessation accelerates wound healing.", "Smoking cessation does not accelerate wound healing."),
    (
        "Maternal obesity is linked to lower rates of breastfeeding.",
        "Maternal obesity is linked to higher rates of breastfeeding.",
    ),
    (
        "Dapagliflozin slows the decline of kidney function.",
        "Dapagliflozin accelerates the decline of kidney function.",
    ),
    (
        "Knockdown of MYC suppressed proliferation of leukaemia cells.",
        "MYC suppresses proliferation of leukaemia cells.",
    ),
    ("Anti-TNF therapy is beneficial in Crohn's disease.", "Anti-TNF therapy is harmful in Crohn's disease."),
    (
        "Masks decreased transmission of influenza in schools.",
        "Transmission of influenza in schools was similar with and without masks.",
    ),
    (
        "Outcomes of robotic surgery for prostate cancer are better than those of open surgery.",
        "Outcomes of robotic surgery for prostate cancer are worse than those of open surgery.",
    ),
    ("CAR-T cells worked in lymphoma but not in solid tumours.", "CAR-T cells worked well in solid tumours."),
    ("Psilocybin improves symptoms of depression.", "Symptoms of depression did not improve with psilocybin."),
    (
        "Corticosteroids increase the risk of infection in rheumatoid arthritis.",
        "Corticosteroids neither increase the risk of infection in rheumatoid arthritis nor delay surgery.",
    ),
    ("Most patients achieved remission with rituximab.", "Few patients achieved remission with rituximab."),
    ("Trastuzumab lacks activity in gastric cancer.", "Trastuzumab is active in gastric cancer."),
    (
        "Remdesivir shortened hospital stay in severe COVID-19.",
        "Remdesivir had no impact on hospital stay in severe COVID-19.",
    ),
    (
        "Breast-feeding lowers the risk of childhood leukaemia.",
        "Breast-feeding is not associated with the risk of childhood leukaemia.",
    ),
    ("Fluoxetine is well tolerated by adolescents.", "Fluoxetine was not well tolerated by adolescents."),
    ("Statin therapy does not cause muscle pain.", "Statin therapy frequently causes muscle pain."),
    ("Relapse after CD19 CAR-T therapy is frequent.", "Relapse after CD19 CAR-T therapy is infrequent."),
    ("Surgery is not required for uncomplicated appendicitis.", "Surgery is required for uncomplicated appendicitis."),
    (
        "Although costly, proton therapy improved local control in chordoma.",
        "Proton therapy did not improve local control in chordoma.",
    ),
    (
        "TGF-beta enhances the cytotoxicity of natural killer cells.",
        "TGF-beta impairs the cytotoxicity of natural killer cells.",
    ),
    ("Omega-3 supplementation slowed cognitive decline.", "Omega-3 supplementation failed to slow cognitive decline."),
    ("Levels of BDNF are elevated in schizophrenia.", "Levels of BDNF are decreased in schizophrenia."),
    ("Oestrogen protects against osteoporosis.", "Oestrogen does not protect against osteoporosis."),
    (
        "Antibody responses persisted for a year in transplant recipients.",
        "Antibody responses did not persist for a year in transplant recipients.",
    ),
    (
        "Mitochondrial DNA is inherited from the father in humans.",
        "Mitochondrial DNA is not inherited from the father in humans.",
    ),
    (
        "The benefit of mammography in women under fifty is substantial.",
        "No benefit of mammography was seen in women under fifty.",
    ),
)
AGREEING = (
    ("Intensive blood pressure control reduced mortality.", "Intensive blood pressure control improved survival."),
    ("Statins did not increase the risk of diabetes.", "Statins had no effect on the risk of diabetes."),
    ("The vaccine is not without side effects in infants.", "The vaccine has side effects in infants."),
    ("Ivermectin failed to shorten recovery from COVID-19.", "Ivermectin was ineffective for recovery from COVID-19."),
    (
        "Rituximab reduced the relapse rate in multiple sclerosis.",
        "Relapses in multiple sclerosis were less frequent with rituximab.",
    ),
    (
        "Clozapine not only reduces symptoms but also improves quality of life in schizophrenia.",
        "Clozapine reduces symptoms and improves quality of life in schizophrenia.",
    ),
    ("There is no doubt that smoking causes lung cancer.", "Smoking causes lung cancer."),
    (
        "Low vitamin D levels were associated with a higher risk of fracture.",
        "High vitamin D levels were associated with a lower risk of fracture.",
    ),
    ("Imatinib decreased resistance to treatment.", "Imatinib increased sensitivity to treatment."),
    ("Lithium is effective in bipolar disorder.", "In bipolar disorder, lithium was not ineffective."),
    (
        "Severe toxicity was rare after infusion of CAR-T cells.",
        "Severe toxicity was uncommon after CAR-T cell infusion.",
    ),
    (
        "Omalizumab lowered the number of exacerbations in asthma.",
        "Fewer exacerbations of asthma occurred with omalizumab.",
    ),
    (
        "Physiotherapy alleviated pain in osteoarthritis of the knee.",
        "Physiotherapy improved pain in osteoarthritis of the knee.",
    ),
    ("Deletion of p53 increased tumour growth.", "p53 suppresses tumour growth."),
    ("Despite these successes, treating solid tumours remains challenging.", "Treating solid tumours is difficult."),
    (
        "Tocilizumab is effective, although relapse is common, in giant cell arteritis.",
        "Tocilizumab is effective in giant cell arteritis, but relapse is frequent.",
    ),
    (
        "Antibiotics are no longer recommended for acute bronchitis.",
        "Antibiotics are not recommended for acute bronchitis.",
    ),
    (
        "Response was better with pembrolizumab than with chemotherapy.",
        "Pembrolizumab improved response compared with chemotherapy.",
    ),
    (
        "Long-term remission was achieved in half of the patients with lupus.",
        "Patients with lupus achieved durable remission.",
    ),
    (
        "Zinc had little effect on the duration of the common cold.",
        "Zinc did not shorten the duration of the common cold.",
    ),
)
OF_OTHER_MATTER = (
    ("CAR-T cells are effective in lymphoma.", "CAR-T cells are not effective in solid tumours."),
    ("Niacin reduced LDL cholesterol.", "Niacin increased HDL cholesterol."),
    ("Aspirin reduced the risk of stroke.", "Warfarin increased the risk of stroke."),
    ("Rapamycin extended lifespan in mice.", "Rapamycin did not extend lifespan in primates."),
    ("Low-dose methotrexate is safe in psoriasis.", "High-dose methotrexate is not safe in psoriasis."),
    ("The drug is effective in children with asthma.", "The drug is not effective in adults with asthma."),
    ("Opioids reduce pain in the short term.", "Opioids do not reduce pain in the long term."),
    (
        "Bevacizumab improved progression-free survival in glioblastoma.",
        "Bevacizumab did not improve overall survival in glioblastoma.",
    ),
    ("Tamoxifen reduced breast cancer recurrence.", "Tamoxifen increased endometrial cancer."),
    ("Hormone therapy increased the risk of venous thrombosis.", "Hormone therapy reduced the risk of hip fracture."),
    ("Gene editing is promising for sickle cell disease.", "Gene editing is disappointing in muscular dystrophy."),
    ("Cytokine release syndrome is common.", "Infertility is rare."),
    ("SGLT2 inhibitors reduced hospitalisation for heart failure.", "SGLT2 inhibitors increased genital infections."),
    ("The first dose was well tolerated.", "The second dose was poorly tolerated."),
    (
        "Interleukin-2 promoted the growth of regulatory T cells.",
        "Interleukin-10 inhibited the growth of regulatory T cells.",
    ),
    ("Men had a higher incidence of bladder cancer.", "Women had a lower incidence of bladder cancer."),
    (
        "In vitro, curcumin inhibited growth of colon cancer cells.",
        "In patients, curcumin had no effect on colon cancer growth.",
    ),
    ("Manufacturing takes weeks and is expensive.", "The treatment is effective and is not toxic."),
    ("High costs limit access to gene therapy.", "Low response rates limit the use of gene therapy in kidney cancer."),
    (
        "Sertraline reduced anxiety in adolescents with autism.",
        "Sertraline did not reduce irritability in adolescents with autism.",
    ),
    ("Type 1 diabetes is rare in East Asia.", "Type 2 diabetes is common in East Asia."),
    ("Stage I melanoma responds well to surgery.", "Stage IV melanoma does not respond to surgery."),
    (
        "Azithromycin decreased exacerbations of COPD, whereas doxycycline did not.",
        "Doxycycline increased photosensitivity.",
    ),
    (
        "Adding rituximab to chemotherapy improved survival in follicular lymphoma.",
        "Adding bortezomib to chemotherapy did not improve survival in mantle cell lymphoma.",
    ),
    (
        "Autologous transplantation is recommended in first remission.",
        "Allogeneic transplantation is not recommended in first remission.",
    ),
    ("Acute rejection was reduced by tacrolimus.", "Chronic rejection was not reduced by tacrolimus."),
    ("Oral semaglutide reduced body weight.", "Oral semaglutide did not reduce cardiovascular death."),
    (
        "Immunotherapy is effective in melanoma because tumours carry many mutations.",
        "Immunotherapy is limited in pancreatic cancer because tumours carry few mutations.",
    ),
    (
        "Remdesivir shortened hospital stay in severe COVID-19.",
        "Remdesivir had no impact on mortality in severe COVID-19.",
    ),
    ("Levels of BDNF are elevated in schizophrenia.", "Levels of cortisol are decreased in schizophrenia."),
    (
        "CAR-T cells expand rapidly in blood but persist poorly in solid tumours.",
        "CAR-T cells persist for years in some patients with leukaemia.",
    ),
    ("Fluoxetine is well tolerated by adolescents.", "Paroxetine was not well tolerated by adolescents."),
    ("Neurotoxicity was reduced by dasatinib.", "Neurotoxicity decreased after dasatinib was given."),
    ("The cost of the vaccine is high.", "The efficacy of the vaccine is low."),
    ("Early treatment improved outcome in stroke.", "Late treatment did not improve outcome in stroke."),
    ("Nivolumab improved survival and was safe in melanoma.", "Nivolumab increased survival in melanoma."),
    ("It is not clear whether zinc reduces the risk of pneumonia.", "Zinc reduces the risk of pneumonia."),
    ("Without treatment, mortality increases in sepsis.", "Treatment reduces mortality in sepsis."),
    (
        "Omega-3 supplementation did not slow cognitive decline in patients with dementia.",
        "Omega-3 supplementation slowed the decline of lung function in asthma.",
    ),
    ("Loss of BRCA1 increases sensitivity to olaparib.", "BRCA1 decreases sensitivity to olaparib."),
    ("Insulin resistance was improved by exercise.", "Exercise lowered insulin resistance."),
    ("Antibodies against CD20 depleted B cells.", "Antibodies against CD3 did not deplete B cells."),
    ("Fewer infections occurred with gloves.", "Gloves reduced infections."),
    (
        "The risk of bleeding is not higher with apixaban than with warfarin.",
        "Bleeding was less common with apixaban than with warfarin.",
    ),
)


SENTENCES = sorted({sentence for pair in (*OPPOSITE, *AGREEING, *OF_OTHER_MATTER) for sentence in pair})


def _share(pairs: Sequence[tuple[str, str]]) -> float:
    return sum(opposed(*pair) is not None for pair in pairs) / len(pairs)


def test_most_opposite_statements_of_one_matter_are_found() -> None:
    assert _share(OPPOSITE) >= 0.75


def test_statements_that_agree_in_other_words_are_seldom_opposed() -> None:
    assert _share(AGREEING) <= 0.2


def test_near_twins_on_another_drug_outcome_or_population_are_seldom_opposed() -> None:
    assert _share(OF_OTHER_MATTER) <= 0.3


def test_the_words_that_carry_an_opposition_are_given_as_they_stand() -> None:
    one, other = "Probiotics are effective in sepsis.", "Probiotics were NOT effective in sepsis."
    assert opposed(one, other) == Opposition("effective", "NOT effective")
    one, other = "Mortality before discharge fell by half.", "Mortality before discharge did not differ."
    assert opposed(one, other) == Opposition("fell", "not differ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Scores were higher at two years.", "Scores were not higher at five years."),
        ("The drug worked in children.", "The drug did not work in adults."),
        ("With 0.5 mg/kg the response improved.", "With 0.2 mg/kg the response did not improve."),
        (
            "Enterocolitis of stage II or higher was reduced.",
            "Enterocolitis of stage II or higher was reduced by half.",
        ),
    ],
)
def test_statements_on_other_times_doses_or_groups_can_both_hold(one: str, other: str) -> None:
    assert opposed(one, other) is None


@pytest.mark.parametrize("denial", ["not", "never", "no longer", "hardly"])
def test_a_denied_word_is_opposed_to_the_plain_one(denial: str) -> None:
    one, other = "The receptor is expressed on plasma cells.", f"The receptor is {denial} expressed on plasma cells."
    assert opposed(one, other) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Statins may reduce stroke.", "hedged"),
        ("Statins reduce stroke.", "plain"),
        ("Trials have clearly demonstrated that statins reduce stroke.", "firm"),
        ("Early results are encouraging.", "hedged"),
        ("Resection of early tumours is advised.", "plain"),
        ("In May 2019 the trial ended.", "plain"),
        ("The cells could not be detected.", "plain"),
        ("The benefit has not been established.", "hedged"),
        ("The benefit has yet to be proven.", "hedged"),
        ("There is no doubt that smoking kills.", "firm"),
        ("These data suggest that it clearly helps.", "hedged"),
        ("It remains unclear whether it works.", "hedged"),
        ("", "plain"),
    ],
)
def test_the_certainty_of_a_text_is_told_by_its_wording(text: str, expected: str) -> None:
    assert certainty(text) == expected


@given(st.sampled_from(SENTENCES) | st.text(max_size=80), st.sampled_from(SENTENCES) | st.text(max_size=80))
def test_opposition_is_symmetric_and_quotes_what_stands_there(one: str, other: str) -> None:
    found, back = opposed(one, other), opposed(other, one)
    assert (found and (found.one, found.other)) == (back and (back.other, back.one))
    assert found is None or (found.one in one and found.other in other and found.one and found.other)


@given(st.sampled_from(SENTENCES) | st.text())
def test_no_sentence_opposes_itself(sentence: str) -> None:
    assert opposed(sentence, sentence) is None


def test_a_very_long_text_is_read_in_time_linear_in_it() -> None:
    for text in ("not " * 50_000, "reduce " * 50_000, "(" * 200_000, "a, and " * 30_000):
        with at_once(text):
            opposed(text, text + "increased")
