"""Runs workloads on MQSim and on the emulator's model and prints how their mean response times compare."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 0.15
SECTOR = 512


class Failure(Exception):
    pass


def main():
    arguments = parse_arguments()
    cases = load('cases.json')
    chosen = [case for case in cases['cases'] if re.search(arguments.only, case['name'])]
    if not chosen:
        raise Failure(f'no case is named like {arguments.only}')
    print('| case | MQSim us | emulator us | ratio | |\n|---|--:|--:|--:|---|')
    results = []
    for case in chosen:
        theirs = case.get('mqsim')
        if arguments.mqsim:
            theirs = run_mqsim(arguments.mqsim, cases['devices'][case['device']], case)
        ours = run_emulator(arguments.emulator, case)
        results.append({'name': case['name'], 'mqsim': theirs, 'emulator': ours})
        print(row(case, theirs, ours), flush=True)
    if arguments.json:
        with open(arguments.json, 'w', encoding='utf-8') as file:
            json.dump(results, file, indent=2)
    return 0


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog='tools/fidelity',
        description='Compares mean response times with those of MQSim; specs/fidelity.md says what is compared.')
    parser.add_argument('--emulator', required=True, help=argparse.SUPPRESS)
    parser.add_argument('mqsim', nargs='?', metavar='DIRECTORY',
                        help='of a built MQSim; without it the figures of cases.json are compared with')
    parser.add_argument('--only', default='', metavar='REGEX', help='cases whose names match')
    parser.add_argument('--json', metavar='FILE', help='write the figures there too')
    arguments = parser.parse_args()
    if arguments.mqsim:
        for name in ('MQSim', 'ssdconfig.xml', 'workload.xml'):
            if not os.path.exists(os.path.join(arguments.mqsim, name)):
                raise Failure(f'there is no {name} in {arguments.mqsim}')
    return arguments


def load(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return json.load(file)


def row(case, theirs, ours):
    if not theirs:
        return f'| {case["name"]} | | {ours:.1f} | | |'
    ratio = ours / theirs
    beyond = '' if abs(ratio - 1) <= TOLERANCE else 'beyond 15%'
    return f'| {case["name"]} | {theirs} | {ours:.1f} | {ratio:.2f} | {beyond} |'


def run_emulator(emulator, case):
    with tempfile.TemporaryDirectory() as directory:
        report = os.path.join(directory, 'report.json')
        run([emulator, 'simulate', *case['command'].split(), '--json', report], os.path.dirname(os.path.dirname(HERE)))
        with open(report, encoding='utf-8') as file:
            return json.load(file)['latencyUs']['mean']


def run_mqsim(mqsim, device, case):
    mqsim = os.path.abspath(mqsim)
    with tempfile.TemporaryDirectory() as directory:
        device_file = os.path.join(directory, 'device.xml')
        workload_file = os.path.join(directory, 'workload.xml')
        write(device_file, changed(read(os.path.join(mqsim, 'ssdconfig.xml')), device))
        write(workload_file, scenario(read(os.path.join(mqsim, 'workload.xml')), case))
        run([os.path.join(mqsim, 'MQSim'), '-i', device_file, '-w', workload_file], mqsim)
        return mean_of_flows(read(os.path.join(directory, 'workload_scenario_1.xml')))


def scenario(text, case):
    """A scenario of MQSim's own file, or the first flow of that with what the case says."""
    if 'scenario' in case:
        body = re.findall(r'<IO_Scenario>.*?</IO_Scenario>', text, re.S)[case['scenario'] - 1]
    else:
        flow = re.search(r'<IO_Flow_Parameter_Set_Synthetic>.*?</IO_Flow_Parameter_Set_Synthetic>', text, re.S).group(0)
        body = '<IO_Scenario>\n' + changed(flow, flow_of(case)) + '\n</IO_Scenario>'
    return f'<?xml version="1.0" encoding="us-ascii"?>\n<MQSim_IO_Scenarios>\n{body}\n</MQSim_IO_Scenarios>\n'


def flow_of(case):
    """The parameters of a flow that say the same as our workload file and command line."""
    options = dict(zip(*[iter(case['command'].split())] * 2))
    with open(os.path.join(HERE, '..', '..', options['--workload']), encoding='utf-8') as file:
        workload = json.load(file)
    sectors = bytes_of(workload['sizes'][0]['size']) // SECTOR
    flow = {
        'Read_Percentage': workload['read'],
        'Address_Distribution': 'STREAMING' if workload.get('sequential') == 100 else 'RANDOM_UNIFORM',
        'Address_Alignment_Unit': case.get('alignment', sectors),
        'Average_Request_Size': sectors,
        'Stop_Time': 0,
        'Total_Requests_To_Generate': options['--commands'],
    }
    if 'workingSet' in workload:
        flow['Working_Set_Percentage'] = flow['Initial_Occupancy_Percentage'] = workload['workingSet']
    if '--rate' in options:
        flow['Synthetic_Generator_Type'] = 'BANDWIDTH'
        flow['Bandwidth'] = int(options['--rate']) * sectors * SECTOR
    else:
        flow['Average_No_of_Reqs_in_Queue'] = options['--depth']
    return flow


def changed(text, values):
    for key, value in values.items():
        element = f'<{key}>{value}</{key}>'
        text, count = re.subn(rf'<{key}>[^<]*</{key}>', element, text)
        if count == 0 and '</IO_Flow_Parameter_Set_Synthetic>' in text:
            text, count = re.subn(r'(?=</IO_Flow_Parameter_Set_Synthetic>)', element + '\n', text)
        if count != 1:
            raise Failure(f'{key} is there {count} times in the parameters of MQSim')
    return text


def mean_of_flows(text):
    """MQSim says whole microseconds for each flow."""
    flows = re.findall(r'<Host.IO_Flow>.*?</Host.IO_Flow>', text, re.S)
    counts = [int(re.search(r'<Request_Count>(\d+)<', flow).group(1)) for flow in flows]
    means = [int(re.search(r'<Device_Response_Time>(\d+)<', flow).group(1)) for flow in flows]
    if not flows or sum(counts) == 0:
        raise Failure('MQSim reports no requests')
    return round(sum(count * mean for count, mean in zip(counts, means)) / sum(counts))


def bytes_of(text):
    number, unit = re.fullmatch(r'(\d+)(KiB|MiB)', text).groups()
    return int(number) << {'KiB': 10, 'MiB': 20}[unit]


def run(command, directory):
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f'{" ".join(command)} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f'tools/fidelity: {failure}')
    except KeyboardInterrupt:
        sys.exit(130)
