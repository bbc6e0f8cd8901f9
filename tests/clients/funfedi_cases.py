"""Prints the cases of funfedi-parsing-test-cases, one JSON object on each line.

Arguments: the profile of the actor who sends them, and the address of the one who receives them.

The package is installed without what it depends on. Of that, its cases need one function, which tells the time; the rest
is for its own tests and its own judgement of the cases, and stands in here as nothing.
"""

import datetime
import json
import sys
import types


def stand_in(name: str, **members: object) -> None:
    module = types.ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module


def now_isoformat() -> str:
    now = datetime.datetime.now(tz=datetime.timezone.utc).replace(microsecond=0, tzinfo=None)
    return now.isoformat() + "Z"


stand_in("bovine")
stand_in("bovine.utils", now_isoformat=now_isoformat)
stand_in("jsonschema", validate=lambda **_: None, ValidationError=Exception)
stand_in("pytest", fixture=lambda function: function)

import funfedi_parsing_test_cases as cases  # noqa: E402

environment = cases.Environment(sending_actor_profile=json.loads(sys.argv[1]), receiving_actor=sys.argv[2])
for suite in (cases.activity_suite, cases.event_suite, cases.notes_suite, cases.poll_suite):
    for part, name in suite.names:
        case = suite.retrieve(part, name).maker.to_send(environment)
        print(json.dumps({"name": f"{suite.name}: {name}", "activity": case.activity, "object": case.object_id}))
