// SPDX-License-Identifier: Apache-2.0
package org.posthouse.testkit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Makes the configuration of a plugin from its annotation type: the defaults, and what a test sets. */
public final class Settings {
    private Settings() {}

    /**
     * The configuration with these values.
     *
     * @param type the annotation type, such as {@code BlockSender.Config.class}
     * @param pairs names of its methods, each followed by its value
     */
    public static <A extends Annotation> A of(Class<A> type, Object... pairs) {
        Map<String, Object> values = new HashMap<>();
        for (Method method : type.getDeclaredMethods()) {
            if (method.getDefaultValue() != null) {
                values.put(method.getName(), method.getDefaultValue());
            }
        }
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(known(type, String.valueOf(pairs[i])), pairs[i + 1]);
        }
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> answer(type, values, method)));
    }

    private static String known(Class<?> type, String name) {
        if (Arrays.stream(type.getDeclaredMethods())
                .noneMatch(method -> method.getName().equals(name))) {
            throw new IllegalArgumentException(type.getName() + " has no " + name);
        }
        return name;
    }

    private static Object answer(Class<?> type, Map<String, Object> values, Method method) {
        Object value = method.getName().equals("annotationType") ? type : values.get(method.getName());
        if (value == null) {
            throw new IllegalStateException(method.getName() + " has no default and was not set");
        }
        return value;
    }
}
