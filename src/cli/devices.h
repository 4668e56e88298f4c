/* SPDX-License-Identifier: MIT
 * devices.h - the list of sound devices, for the commands that play on one.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_DEVICES_H
#define WN_CLI_DEVICES_H

/* Do what `wavenet devices` does. Returns the exit status. */
int wn_cli_list_devices(void);

/* clang-format off */
#define WN_CLI_LIST_DEVICES(wanted) \
    { "list-devices", 0, POPT_ARG_NONE, wanted, 0, "list the devices, as wavenet devices does, and stop", NULL }
/* clang-format on */

#endif
