/**
 * The program that has a recipe's Python in it. It is handed to the interpreter as it is, so that it needs no file of its own.
 *
 * 1. It reads requests on descriptor 3 and answers on 4, a line of JSON each: what the recipe's code prints reaches neither.
 * 2. It leads a group; when nobody is at the other end any more it kills that group, itself included.
 */
export const HOST = String.raw`
import asyncio, importlib.util, inspect, json, os, queue, signal, sys, threading, typing

REQUESTS, ANSWERS, LONGEST = 3, 4, 1024 * 1024
for descriptor in (REQUESTS, ANSWERS):
    os.set_inheritable(descriptor, False)

requests = queue.Queue()

def read():
    rest = b''
    while True:
        try:
            data = os.read(REQUESTS, 65536)
        except OSError:
            data = b''
        if not data:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        *lines, rest = (rest + data).split(b'\n')
        for line in lines:
            requests.put(json.loads(line))

def say(answer):
    data = memoryview(json.dumps(answer).encode('ascii') + b'\n')
    while data:
        data = data[os.write(ANSWERS, data):]

def load(path):
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location('tools', path)
    module = importlib.util.module_from_spec(spec)
    sys.modules['tools'] = module
    spec.loader.exec_module(module)
    return module

PLAIN = {str: 'string', int: 'integer', float: 'number', bool: 'boolean', dict: 'object', list: 'array', tuple: 'array', set: 'array'}

def schema(hint):
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in PLAIN:
        return {'type': PLAIN[hint]}
    if origin is typing.Literal:
        return {'enum': list(arguments)}
    if origin in (list, set, tuple):
        return {'type': 'array', **({'items': schema(arguments[0])} if arguments else {})}
    if origin is dict:
        return {'type': 'object'}
    if origin is typing.Union or type(hint).__name__ == 'UnionType':
        several = [schema(one) for one in arguments if one is not type(None)]
        known = [one for one in several if one]
        return {} if len(known) < len(several) else known[0] if len(known) == 1 else {'anyOf': known}
    return {}

def safe(hint):
    try:
        return schema(hint)
    except Exception:
        return {}

def describe(name, function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = []
    try:
        hints = typing.get_type_hints(function)
    except Exception:
        hints = {}
    named = [one for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    return {
        'name': name,
        'description': (inspect.getdoc(function) or '')[:2000],
        'parameters': {
            'type': 'object',
            'properties': {one.name: safe(hints.get(one.name)) for one in named},
            'required': [one.name for one in named if one.default is one.empty],
            'additionalProperties': False,
        },
    }

loop = None

def call(function, arguments):
    global loop
    value = function(**arguments)
    if inspect.isawaitable(value):
        loop = loop or asyncio.new_event_loop()
        async def wait():
            return await value
        value = loop.run_until_complete(wait())
    text = value if isinstance(value, str) else json.dumps(value, allow_nan=False, default=str)
    if len(text) > LONGEST:
        raise ValueError('the result has %d characters, the limit is %d' % (len(text), LONGEST))
    return text

def said(error):
    return '%s: %s' % (type(error).__name__, error)

module = None

def answer(request):
    global module
    if module is None:
        try:
            module = load(sys.argv[1])
        except ModuleNotFoundError as error:
            return {'missing': error.name or str(error)}
        except BaseException as error:
            return {'broken': said(error)}
    try:
        if request['op'] == 'describe':
            return {'tools': [describe(name, getattr(module, name)) for name in request['names']]}
        return {'text': call(getattr(module, request['name']), request['arguments'])}
    except BaseException as error:
        return {'error': said(error)}

threading.Thread(target=read, daemon=True).start()
while True:
    request = requests.get()
    say({'id': request['id'], **answer(request)})
`;
