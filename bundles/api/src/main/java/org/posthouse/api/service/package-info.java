// SPDX-License-Identifier: Apache-2.0
/** What a plugin may use: DNS, shared state, limits, a way to send mail, jobs and the event log. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.api.service;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
