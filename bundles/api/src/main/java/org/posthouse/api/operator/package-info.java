// SPDX-License-Identifier: Apache-2.0
/** What a plugin brings for the operator: commands, pages of the console, health checks. Registered as DS services. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.api.operator;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
