// SPDX-License-Identifier: Apache-2.0
package org.posthouse.api.hook;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;
import org.posthouse.api.Need;
import org.posthouse.api.OnFailure;

/**
 * Declares a hook: its name, its place and what it needs.
 *
 * <p>Written into the manifest of the plugin (capability {@value #NAMESPACE}) and onto its service, so that the core
 * knows the hooks of a plugin before any code of it runs. The class carries {@code @Component} beside it.
 */
@ComponentPropertyType
@Capability(namespace = Hook.NAMESPACE, attribute = "class=${@class}")
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface Hook {
    /** The namespace of the capability in the manifest. */
    String NAMESPACE = "org.posthouse.hook";

    /** Prefix of the service properties made from this annotation. */
    String PREFIX_ = "hook.";

    /** The name of the hook, in lower case with hyphens; by convention the name of the plugin. */
    @Attribute("name")
    String name();

    /** Names of hooks that are asked before this one; {@code *} is all others of the stage. */
    @Attribute("after")
    String[] after() default {};

    /** Names of hooks that are asked after this one; {@code *} is all others of the stage. */
    @Attribute("before")
    String[] before() default {};

    /** What the hook must be given; the rest is refused. */
    @Attribute("needs")
    Need[] needs() default {};

    /** The time budget of one answer in milliseconds, 1 to 300000. */
    @Attribute("timeoutMillis")
    long timeoutMillis() default 5000;

    /** What happens to the asked transaction when the hook fails. */
    @Attribute("onFailure")
    OnFailure onFailure() default OnFailure.DEFER;
}
