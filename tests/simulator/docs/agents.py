"""Documents of organizations."""

from tests.simulator.counts import by_months, popularity, turn
from tests.simulator.docs.shared import JSON, Scene, denied, kinds, logos, person_reference, utc
from tests.simulator.records import Organization
from tests.simulator.text import number_of
from tests.simulator.world import World

ROLES = (("Administrateur", "admin"), ("Éditeur", "editor"), ("Éditeur partiel", "partial_editor"))


def organization(scene: Scene, record: Organization) -> JSON:
    """The whole document. Members are named, with an address that is masked to the public."""
    logo, thumbnail = logos(scene.names, record)
    return {
        "acronym": record.acronym,
        "badges": kinds(record.badges),
        "banner_color": "#000091" if record.logo else None,
        "banner_image": None,
        "banner_image_position": 50,
        "business_number_id": record.number,
        "created_at": utc(record.created),
        "deleted": None,
        "description": record.description,
        "ext": {},
        "extras": {},
        "id": record.id,
        "image_url": None,
        "last_modified": utc(record.modified),
        "logo": logo,
        "logo_thumbnail": thumbnail,
        "members": [_member(scene, record, place) for place in range(record.members)],
        "metrics": _metrics(scene.world, record),
        "name": record.name,
        "page": scene.names.page("organizations", record.slug),
        "permissions": denied("delete", "edit", "harvest", "members", "private"),
        "presentation_blocs_published_at": None,
        "slug": record.slug,
        "teams": [],
        "uri": f"{scene.names.api}/organizations/{record.slug}/",
        "url": record.homepage,
        "zone": None,
    }


def _member(scene: Scene, record: Organization, place: int) -> JSON:
    people = scene.world.people
    label, role = ROLES[place % len(ROLES)]
    known = person_reference(scene.names, people[(number_of(record.id) + place) % len(people)])
    user = {**known, "email": "***@exemple.fr", "last_login_at": None}
    return {"label": label, "role": role, "since": utc(record.created), "user": user}


def _metrics(world: World, record: Organization) -> JSON:
    drawn, number = turn("organization", record.id), number_of(record.id)
    seen = popularity("organization", number, world.visits)
    del seen["followers_by_months"]  # of organizations nobody counts that
    return {
        "dataservices": sum(service.owner == number for service in world.services),
        "dataservices_by_months": 0,
        "datasets": world.owned[record.id],
        "datasets_by_months": by_months(drawn),
        "datasets_followers_by_months": by_months(drawn >> 3),
        "datasets_reuses_by_months": by_months(drawn >> 5),
        "members": record.members,
        "reuses": world.shown["Organization", number],
        "reuses_by_months": by_months(drawn >> 7),
        "reuses_followers_by_months": 0,
        **seen,
    }
