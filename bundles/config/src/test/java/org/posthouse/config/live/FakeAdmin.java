// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** A ConfigurationAdmin in memory that keeps a journal. */
final class FakeAdmin {
    final Map<String, Dictionary<String, Object>> stored = new TreeMap<>();
    final List<String> journal = new ArrayList<>();
    String broken = "";

    ConfigurationAdmin service() {
        return proxy(ConfigurationAdmin.class, (self, method, arguments) -> switch (method.getName()) {
            case "getConfiguration" -> configuration((String) arguments[0]);
            case "getFactoryConfiguration" -> configuration(arguments[0] + "~" + arguments[1]);
            case "listConfigurations" ->
                stored.entrySet().stream()
                        .filter(entry -> entry.getValue().get(Publisher.OURS) != null)
                        .map(entry -> configuration(entry.getKey()))
                        .toArray(Configuration[]::new);
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private Configuration configuration(String pid) {
        return proxy(Configuration.class, (self, method, arguments) -> switch (method.getName()) {
            case "getPid" -> pid;
            case "getProperties" -> stored.get(pid);
            case "update" -> update(pid, (Dictionary<?, ?>) arguments[0]);
            case "delete" -> {
                journal.add("delete " + pid);
                yield stored.remove(pid) == null ? null : null;
            }
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private Object update(String pid, Dictionary<?, ?> values) throws IOException {
        if (pid.equals(broken)) {
            throw new IOException("disk full");
        }
        Dictionary<String, Object> copy = new Hashtable<>();
        values.keys().asIterator().forEachRemaining(key -> copy.put(key.toString(), values.get(key)));
        copy.put("service.pid", pid);
        journal.add("update " + pid);
        stored.put(pid, copy);
        return Void.class;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object result = handler.invoke(self, method, arguments);
                    return method.getReturnType() == void.class ? null : result;
                }));
    }
}
