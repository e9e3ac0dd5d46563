"""What the synthetic portal is made of: code lists as udata has them, and words for titles and texts."""

FREQUENCIES = {
    "continuous": "http://purl.org/cld/freq/continuous",
    "daily": "http://purl.org/cld/freq/daily",
    "weekly": "http://purl.org/cld/freq/weekly",
    "monthly": "http://purl.org/cld/freq/monthly",
    "quarterly": "http://purl.org/cld/freq/quarterly",
    "annual": "http://purl.org/cld/freq/annual",
    "irregular": "http://purl.org/cld/freq/irregular",
    "hourly": "http://publications.europa.eu/resource/authority/frequency/HOURLY",
    "punctual": "http://publications.europa.eu/resource/authority/frequency/AS_NEEDED",
    "unknown": "http://publications.europa.eu/resource/authority/frequency/UNKNOWN",
}
"""udata's frequency -> dct:accrualPeriodicity: two vocabularies, as the portal mixes them."""

LICENSES = (
    ("lov2", "Licence Ouverte version 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"),
    ("odc-odbl", "Open Database License", "http://opendatacommons.org/licenses/odbl/summary/"),
    ("cc-by", "Creative Commons Attribution", "http://www.opendefinition.org/licenses/cc-by"),
    ("notspecified", "License Not Specified", None),
    ("other-at", "Autre (Attribution)", None),
)
"""(id, title, URL): with a URL it becomes dct:license, without one dct:rights, a literal."""

FILES = (
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("geojson", "application/geo+json"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("shp", None),
    ("xml", "application/xml"),
    (None, None),
)
"""(format, media type) of resources; either can be missing."""

HVD = {"meteorologiques": "c_164e0bf5", "geospatiales": "c_ac64a52d", "mobilite": "c_b79e35eb"}
"""Tag -> category of high-value datasets (Regulation (EU) 2023/138)."""

REUSE_TYPES = {
    "api": "API",
    "application": "Application",
    "idea": "Idée",
    "news_article": "Article de presse",
    "paper": "Papier",
    "post": "Article de blog",
    "visualization": "Visualisation",
    "hardware": "Objet connecté",
}
REUSE_TOPICS = {
    "health": "Santé",
    "transport_and_mobility": "Transports et mobilité",
    "housing_and_development": "Aménagement du territoire et logement",
    "food_and_agriculture": "Alimentation et agriculture",
    "culture_and_recreation": "Culture et loisirs",
    "economy_and_business": "Économie et entreprise",
    "environment_and_energy": "Environnement et énergie",
    "work_and_training": "Emploi et formation",
    "politics_and_public_life": "Politique et vie publique",
    "safety_and_security": "Sécurité",
    "education_and_research": "Éducation et recherche",
    "society_and_demography": "Société et démographie",
    "law_and_justice": "Droit et justice",
    "open_data_tools": "Outils open data",
    "others": "Autres",
}
ENGLISH = {
    "idea": "Idea",
    "news_article": "News Article",
    "health": "Health",
    "others": "Others",
    "safety_and_security": "Safety and security",
}
"""Some labels that `?lang=en` changes; the rest stay as they are."""

THEMES = (
    "Qualité de l'air",
    "Éclairage public",
    "Bornes de recharge électriques",
    "Effectifs d'élèves",
    "Marchés publics",
    "Arrêts de bus « accessibles »",
    "Base Adresse Locale",
    "Hydrométrie — débits des cours d'eau",
    "Œuvres d'art du musée",
    "Trafic routier horaire",
    "Aides à l'agriculture (PAC)",
)
PLACES = (
    "Nîmes",
    "Saint-Étienne",
    "Île-de-France",
    "L'Haÿ-les-Roses",
    "La Réunion",
    "Côtes-d'Armor",
    "Évry-Courcouronnes",
    "Mâcon",
)
TAGS = (
    "environnement",
    "transport",
    "eau",
    "budget",
    "elections",
    "culture",
    "sante",
    "education",
    "agriculture",
    "tourisme",
    "energie",
    "logement",
    "donnees-ouvertes",
    "inspire",
)
WORDS = """données ouvertes recensement géographique mise à jour mensuelle qualité été producteur réseau
voirie élève école eau énergie naïf œuvre cœur dépôt mesure capteur station débit arrêté préfecture commune
département région état série indicateur budget dépense recette habitant logement forêt"""
PARAGRAPHS = (
    "## Présentation\n\nCe jeu de données recense l'activité de tous les producteurs depuis 2001.",
    '- Fréquence : « mensuelle »\n- Producteur : l\'équipe "données" ([page](https://exemple.fr/p?a=1&b=2))',
    "| colonne | type |\n|---|---|\n| `id` | entier |\n| `libellé` | texte |",
    'Avertissement : les valeurs <NULL> & "NA" sont à ignorer ; <a href="mailto:x@exemple.fr">contact</a>.',
)
"""Markdown with what trips parsers: quotes, angle brackets, ampersands, tables."""

CONTROL = "\n\nCaractère de contrôle:\x0b fin,\ttabulation, C:\\données \U0001f68c"
"""U+000B is allowed in JSON, not in XML 1.0."""
