/* SPDX-License-Identifier: Apache-2.0 */
/* What goes before the handlers of credentials, for run.def. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "api/call.h"

handler offload_thing_reset_secret;
handler offload_mqtt_create;
handler offload_mqtt_update;

/* Does the Thing or Category of the path have MQTT credentials? Else IOTS_NOT_FOUND. */
handler mqtt_credentials_exist;

#endif
