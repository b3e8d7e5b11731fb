// SPDX-License-Identifier: Apache-2.0
/** What a plugin implements: one interface per stage, one abstract method each. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.api.hook;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
