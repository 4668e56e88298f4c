/* SPDX-License-Identifier: MIT
 * write_turtle.c - writes the Turtle files of the plug-ins' bundles from their tables of ports, at build time.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: write_turtle PLUGIN manifest BINARY | write_turtle PLUGIN ports MINOR MICRO [cabinet] */
#include <stdio.h>
#include <string.h>

#include "plugin/amp_ports.h"
#include "plugin/notes_ports.h"

typedef struct plugin {
    const char *name, *uri, *title, *class;
    const char *features; /* optional ones */
    const wn_port *ports;
    int n_ports;
    const char *about; /* further statements */
} plugin;

static const plugin plugins[] = {
    {"amp", AMP_URI, "WaveNet Amp", "lv2:SimulatorPlugin",
     "lv2:hardRTCapable , work:schedule , log:log , state:mapPath , state:freePath , state:threadSafeRestore",
     amp_ports, AMP_PORTS, "lv2:extensionData state:interface , work:interface"},
    {"notes", NOTES_URI, "WaveNet Notes", "lv2:InstrumentPlugin", "lv2:hardRTCapable , log:log", notes_ports,
     NOTES_PORTS, NULL},
};

static const char prefixes[] = "@prefix atom: <http://lv2plug.in/ns/ext/atom#> .\n"
                               "@prefix doap: <http://usefulinc.com/ns/doap#> .\n"
                               "@prefix log: <http://lv2plug.in/ns/ext/log#> .\n"
                               "@prefix lv2: <http://lv2plug.in/ns/lv2core#> .\n"
                               "@prefix midi: <http://lv2plug.in/ns/ext/midi#> .\n"
                               "@prefix mod: <http://moddevices.com/ns/mod#> .\n"
                               "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
                               "@prefix patch: <http://lv2plug.in/ns/ext/patch#> .\n"
                               "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
                               "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
                               "@prefix rsz: <http://lv2plug.in/ns/ext/resize-port#> .\n"
                               "@prefix state: <http://lv2plug.in/ns/ext/state#> .\n"
                               "@prefix units: <http://lv2plug.in/ns/extensions/units#> .\n"
                               "@prefix urid: <http://lv2plug.in/ns/ext/urid#> .\n"
                               "@prefix work: <http://lv2plug.in/ns/ext/worker#> .\n"
                               "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n";

static void write_manifest(const plugin *p, const char *binary)
{
    printf("@prefix lv2: <http://lv2plug.in/ns/lv2core#> .\n"
           "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\n"
           "<%s>\n\ta lv2:Plugin ;\n\tlv2:binary <%s> ;\n\trdfs:seeAlso <%s.ttl> .\n",
           p->uri, binary, p->name);
}

static const char *port_classes(wn_port_kind kind)
{
    switch (kind) {
    case WN_PORT_EVENTS_IN: return "lv2:InputPort , atom:AtomPort ;\n\t\tatom:bufferType atom:Sequence";
    case WN_PORT_EVENTS_OUT: return "lv2:OutputPort , atom:AtomPort ;\n\t\tatom:bufferType atom:Sequence";
    case WN_PORT_AUDIO_IN: return "lv2:InputPort , lv2:AudioPort";
    case WN_PORT_AUDIO_OUT: return "lv2:OutputPort , lv2:AudioPort";
    case WN_PORT_CONTROL_IN: return "lv2:InputPort , lv2:ControlPort";
    case WN_PORT_CONTROL_OUT: return "lv2:OutputPort , lv2:ControlPort";
    }
    return "";
}

static void write_port(const wn_port *p, int index)
{
    printf("\t\ta %s ;\n\t\tlv2:index %d ;\n\t\tlv2:symbol \"%s\" ;\n\t\tlv2:name \"%s\"", port_classes(p->kind), index,
           p->symbol, p->name);
    if (p->kind == WN_PORT_CONTROL_IN) printf(" ;\n\t\tlv2:default %.1f", (double)p->initial);
    if (p->kind == WN_PORT_CONTROL_IN || p->kind == WN_PORT_CONTROL_OUT)
        printf(" ;\n\t\tlv2:minimum %.1f ;\n\t\tlv2:maximum %.1f", (double)p->minimum, (double)p->maximum);
    if (p->turtle) printf(" ;\n\t\t%s", p->turtle);
}

static void write_ports(const plugin *p, const char *minor, const char *micro)
{
    printf("%s<%s>\n\ta lv2:Plugin , %s ;\n\tdoap:name \"%s\" ;\n\tdoap:license "
           "<http://opensource.org/licenses/MIT> ;\n\tlv2:minorVersion %s ;\n\tlv2:microVersion %s ;\n"
           "\tlv2:requiredFeature urid:map ;\n\tlv2:optionalFeature %s ;\n",
           prefixes, p->uri, p->class, p->title, minor, micro, p->features);
    if (p->about) printf("\t%s ;\n", p->about);
    for (int i = 0; i < p->n_ports; i++) {
        printf("%s", i ? "\n\t] , [\n" : "\tlv2:port [\n");
        write_port(&p->ports[i], i);
    }
    printf("\n\t] .\n");
}

static void write_parameter(const char *plugin_uri, const char *uri, const char *label, const char *types)
{
    printf("\n<%s>\n\tpatch:writable <%s> .\n\n<%s>\n\ta lv2:Parameter ;\n\trdfs:label \"%s\" ;\n"
           "\trdfs:range atom:Path ;\n\tmod:fileTypes \"%s\" .\n",
           plugin_uri, uri, uri, label, types);
}

/* The property is of hosts that name the kinds of files of a parameter; no specification that is installed with LV2 has it. */
static void write_file_types(void)
{
    printf("\nmod:fileTypes\n\ta rdf:Property , owl:DatatypeProperty ;\n\trdfs:label \"file types\" ;\n"
           "\trdfs:domain lv2:Parameter ;\n\trdfs:range xsd:string .\n");
}

static const plugin *find_plugin(const char *name)
{
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++)
        if (strcmp(plugins[i].name, name) == 0) return &plugins[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const plugin *p = argc > 3 ? find_plugin(argv[1]) : NULL;
    if (!p) return 2;
    if (strcmp(argv[2], "manifest") == 0) {
        write_manifest(p, argv[3]);
    } else {
        write_ports(p, argv[3], argc > 4 ? argv[4] : "0");
        if (strcmp(p->name, "amp") == 0) {
            write_parameter(AMP_URI, AMP_MODEL_URI, "Model", "nam,nammodel,safetensors");
            write_file_types();
        }
        if (argc > 5) write_parameter(AMP_URI, AMP_CABINET_URI, "Cabinet", "ir,cabsim,audio");
    }
    return fflush(stdout) != 0;
}
