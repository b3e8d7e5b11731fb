// SPDX-License-Identifier: Apache-2.0
/** The plugin house: jars and their configurations become generations that replace one another under live sessions. */
@NullMarked
package org.posthouse.pipeline.house;

import org.jspecify.annotations.NullMarked;
