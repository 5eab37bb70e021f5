"""Word pools for invented people, places and companies. Domains and phone blocks belong to nobody."""

from __future__ import annotations

from typing import Final, NamedTuple


class Country(NamedTuple):
    """A country of the demo: its weight, language, words for people, and how a phone is numbered."""

    weight: int
    language: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    streets: tuple[str, ...]
    phone: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN_ES: Final = _words(
    """
    Adrián Alba Alejandro Alicia Álvaro Amparo Andrea Antonio Beatriz Begoña Carlos Carmen César
    Clara Cristina Daniel David Diego Elena Emilia Enrique Fátima Fernando Francisco Gema Gonzalo
    Guillermo Héctor Hugo Inés Irene Iván Javier Jesús Joaquín Jorge José Juan Julia Laura Leire
    Lucía Luis Manuel Marcos María Marta Martín Miguel Mónica Nerea Noelia Nuria Óscar Pablo
    Patricia Paula Pedro Pilar Raúl Rocío Rubén Santiago Sara Sergio Sofía Sonia Susana Teresa Tomás
    Vega Víctor Virginia Xavier Ximena
    """
)
_FAMILY_ES: Final = _words(
    """
    Aguilar Alonso Álvarez Arias Benítez Blanco Bravo Caballero Calvo Campos Cano Castillo Castro
    Cortés Crespo Cruz Delgado Díaz Domínguez Durán Esteban Fernández Ferrer Flores Fuentes Gallego
    Garrido Gil Giménez Gómez González Gutiérrez Hernández Herrero Hidalgo Ibáñez Iglesias Jiménez
    León López Lozano Marín Márquez Martín Martínez Medina Méndez Molina Montero Mora Morales Moreno
    Muñoz Navarro Nieto Núñez Ortega Ortiz Parra Pascual Peña Pérez Prieto Ramírez Ramos Rey Reyes
    Rodríguez Romero Rubio Ruiz Sáez Sánchez Santana Santos Serrano Suárez Torres Vargas Vázquez
    Vega Velasco Vidal Vicente
    """
)
_GIVEN_BR: Final = _words(
    """
    Adriana Aline André Antônio Beatriz Bruna Caio Camila Cauã Cecília Conceição Davi Eduardo Felipe
    Fernanda Flávia Gabriel Guilherme Heloísa Ícaro Joana João José Júlia Larissa Letícia Lívia
    Lúcia Luís Marcelo Márcio Mariana Matheus Natália Otávio Patrícia Rafaela Renato Rodrigo Sabrina
    Thaís Thiago Vinícius Vitória
    """
)
_FAMILY_BR: Final = _words(
    """
    Albuquerque Almeida Alves Araújo Azevedo Barbosa Barros Batista Borges Brandão Cardoso Carvalho
    Conceição Correia Coutinho Cunha Dias Farias Ferreira Figueiredo Fonseca Freitas Gonçalves
    Guimarães Lima Lopes Macêdo Magalhães Melo Mendonça Moraes Moreira Moura Nascimento Nogueira
    Oliveira Peixoto Pereira Pinheiro Ribeiro Sá Sampaio Silva Simões Souza Teixeira Vasconcelos
    """
)
_STREETS_ES: Final = (
    "Calle Mayor", "Calle del Olmo", "Avenida de la Constitución", "Plaza Nueva", "Calle Ancha",
    "Paseo del Río", "Ronda Norte", "Calle de la Fuente", "Travesía del Molino", "Camino Viejo",
)  # fmt: skip
_STREETS_MX: Final = (
    "Avenida Reforma Norte",
    "Calle Jacarandas",
    "Calle Sauce",
    "Privada del Ángel",
    "Calle 5",
)
_STREETS_BR: Final = ("Rua das Acácias", "Avenida São João", "Rua do Comércio", "Travessa da Paz", "Rua Sete")

COUNTRIES: Final[dict[str, Country]] = {
    "ES": Country(
        60, "es", _GIVEN_ES, _FAMILY_ES,
        (
            ("Madrid", "Madrid", "280"), ("Barcelona", "Barcelona", "080"), ("Sevilla", "Sevilla", "410"),
            ("A Coruña", "A Coruña", "150"), ("Málaga", "Málaga", "290"), ("Logroño", "La Rioja", "260"),
            ("Cáceres", "Cáceres", "100"), ("Vitoria-Gasteiz", "Álava", "010"),
        ),
        _STREETS_ES, "+346000{:05d}",
    ),
    "MX": Country(
        14, "es", _GIVEN_ES, _FAMILY_ES,
        (("Ciudad de México", "CDMX", "060"), ("Mérida", "Yucatán", "970"), ("León", "Guanajuato", "370")),
        _STREETS_MX, "+5255000{:05d}",
    ),
    "CO": Country(
        9, "es", _GIVEN_ES, _FAMILY_ES,
        (("Bogotá", "Cundinamarca", "110"), ("Medellín", "Antioquia", "050")),
        ("Carrera 7", "Calle 26", "Transversal 12"), "+5730000{:05d}",
    ),
    "PE": Country(
        6, "es", _GIVEN_ES, _FAMILY_ES,
        (("Lima", "Lima", "150"), ("Arequipa", "Arequipa", "040")),
        ("Jirón del Sol", "Avenida Los Álamos"), "+519000{:05d}",
    ),
    "BR": Country(
        11, "pt", _GIVEN_BR, _FAMILY_BR,
        (("São Paulo", "SP", "010"), ("Florianópolis", "SC", "880"), ("Belém", "PA", "660")),
        _STREETS_BR, "+55119000{:05d}",
    ),
}  # fmt: skip
"""Phones: a run of zeros after the prefix, the placeholder part of each numbering plan."""

MAIL_HOSTS: Final = ("correo.example", "buzon.example", "mail.example.com", "example.org", "correio.example")
"""Domains that nobody can own (RFC 2606, RFC 6761)."""

TRADES: Final = (
    "Talleres",
    "Comercial",
    "Distribuidora",
    "Gráficas",
    "Transportes",
    "Viveros",
    "Clínica",
    "Estudio",
)
PLACES: Final = (
    "Ribera",
    "Andina",
    "Paulista",
    "del Norte",
    "Bahía",
    "Alcor",
    "Meseta",
    "Cumbre",
    "Atlántica",
)
LEGAL_FORMS: Final = {"ES": "SL", "MX": "SA de CV", "CO": "SAS", "PE": "SAC", "BR": "Ltda"}
JOBS: Final = ("Compras", "Gerencia", "Administración", "Logística", "Marketing", "Calidad")
PRODUCTS: Final = (
    "filtro de agua", "lámpara de mesa", "silla plegable", "juego de tazas", "manta de lana",
    "mochila urbana", "cafetera", "estantería", "reloj de cocina", "alfombra", "garrafa térmica",
    "conjunto de panelas",
)  # fmt: skip
STAFF: Final = ("agente 01", "agente 02", "agente 03", "agente 04")
