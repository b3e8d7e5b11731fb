// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.config;

import aQute.bnd.annotation.xml.XMLAttribute;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The unit of a configuration value, written into the metatype so that values are checked and converted in one place.
 *
 * <p>The operator writes the readable form (`5m`, `25MB`, `100/hour`); the component receives the converted one.
 */
@XMLAttribute(namespace = "http://posthouse.org/xmlns/metatype/v1.0.0", prefix = "posthouse", mapping = "value=unit")
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface Unit {
    /** What the value measures. */
    Kind value();

    /** The units known to the configuration. */
    enum Kind {
        /** A span of time such as {@code 500ms}, {@code 30s}, {@code 5m}, {@code 4h}, {@code 5d}; arrives as milliseconds (long). */
        DURATION,
        /** An amount of octets such as {@code 64kB}, {@code 25MB}, {@code 1GiB}; arrives as octets (long). */
        SIZE,
        /** A rate such as {@code 100/hour}, {@code 10/s}; arrives as the checked text. */
        RATE,
        /** A socket address {@code host:port}, {@code [v6]:port}; arrives as the checked text. */
        SOCKET,
        /** A network such as {@code 192.0.2.0/24} or a single address; arrives as the checked text. */
        NETWORK,
        /** A domain name, a name with a leading {@code *.}, or {@code *}; arrives in lower case. */
        DOMAIN,
        /** A retry schedule such as {@code 1m,5m*2,1h}; arrives as the checked text. */
        SCHEDULE,
        /** A URI of a next hop such as {@code smtp://host:port} or the word {@code mx}; arrives as the checked text. */
        HOP,
        /** A file; a relative one stands in the data folder; arrives as the absolute path, whether or not there is such a file. */
        FILE
    }
}
